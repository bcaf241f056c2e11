"""What the scripts of a flow keep for each other while it runs: a value under a key."""

from __future__ import annotations

from uuid import UUID

from windmill_lite.base.codec import Json, dumps
from windmill_lite.base.errors import Busy, Conflict, Invalid, NotFound, TooLarge
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import FLOW_KINDS, JobRecord
from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.machine import flows, queue
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope


async def get(world: World, scope: Scope, flow_id: UUID, key: str) -> str:
    """JSON; null when nothing was set. Fails: `NotFound` for what is no flow."""
    async with world.db.view() as view:
        flow = await _flow(view, scope, flow_id)
        return await flows.user_state(view, flow.root_id or flow.id, key) or "null"


async def put(world: World, scope: Scope, flow_id: UUID, key: str, *, value: Json) -> None:
    """Fails: `NotFound`, `TooLarge`, and `Conflict` when the flow has ended."""
    if not 0 < len(key) <= limits.LINE_CHARS_MAX:
        raise Invalid(f"a key has 1 to {limits.LINE_CHARS_MAX} characters", field="key")
    text = dumps(value)
    if len(text.encode()) > limits.USER_STATE_BYTES:
        raise TooLarge(f"a state is at most {limits.USER_STATE_BYTES} bytes", field="value")
    async with world.db.view() as view:
        flow = await _flow(view, scope, flow_id)
    root = flow.root_id or flow.id

    async def body(tx: Tx) -> None:
        state = await queue.state_of(tx, root)
        if state is None or state.outcome is not None:
            raise Conflict(f"flow {root} has ended: its states are as it left them")
        known = await flows.user_state(tx, root, key)
        if known is None and await flows.count_user_states(tx, root) >= limits.USER_STATES_MAX:
            raise Busy(f"flow {root} has {limits.USER_STATES_MAX} states")
        await flows.put_user_state(tx, root, key, text)

    await world.db.write(body)


async def _flow(view: View, scope: Scope, flow_id: UUID) -> JobRecord:
    found = await jobs.peek(view, scope, flow_id)
    if found is None or found.kind not in FLOW_KINDS:
        raise NotFound(f"job {flow_id} does not exist or is not a flow")
    return found

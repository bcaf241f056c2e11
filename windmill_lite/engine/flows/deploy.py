"""A new version of a flow, and the end of old ones.

Everything that can be wrong with a definition is looked for before the transaction: its shape,
its expressions, what its steps name. Two people who deploy at once can still make a circle of
flows, which a run finds at its depth.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from windmill_lite.base.codec import dumps
from windmill_lite.base.errors import AlreadyExists, Conflict, Invalid, NotFound, TooLarge
from windmill_lite.core import access, arguments
from windmill_lite.core.access import Action
from windmill_lite.core.dependencies.steps import StepCode
from windmill_lite.core.flow.named import Use, uses
from windmill_lite.engine.dependencies import flows as locking
from windmill_lite.engine.flows.check import check_definition, check_options
from windmill_lite.engine.hub import scripts
from windmill_lite.engine.rules.entry import place
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.draft import DraftAt
from windmill_lite.model.flow import FlowVersion, NewFlow
from windmill_lite.model.paths import check_path
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import links
from windmill_lite.store.machine.library import drafts, flows
from windmill_lite.store.people.scope import Scope


async def create(world: World, scope: Scope, new: NewFlow) -> int:
    """Deploys a flow where none is, or one that is archived; the answer is its version.

    Fails: `AlreadyExists`; `Invalid` with the place in the definition; `TooLarge`.
    """
    draft = await _draft(world, scope, new)

    async def body(tx: Tx) -> int:
        id = await flows.next_id(tx, scope.workspace)
        await _require_free(tx, scope, new.path)
        return await _insert(tx, scope, draft.numbered(id), new)

    return await world.db.write(body)


async def update(world: World, scope: Scope, path: str, new: NewFlow) -> int:
    """Deploys a version over the one that is there. Under another path the flow moves, with its
    history and its schedules.

    Fails: `NotFound`, and as `create`.
    """
    access.require(scope.identity, Action.WRITE, path, what="flow")
    draft = await _draft(world, scope, new)

    async def body(tx: Tx) -> int:
        id = await flows.next_id(tx, scope.workspace)
        await _require(tx, scope, path)
        if new.path != path:
            await _require_free(tx, scope, new.path)
            await flows.move(tx, scope.workspace, path, new.path)
            await links.put_flow(tx, scope.workspace, path, ())
        return await _insert(tx, scope, draft.numbered(id), new)

    return await world.db.write(body)


async def _insert(tx: Tx, scope: Scope, draft: _Draft, new: NewFlow) -> int:
    flow = draft.flow
    if not new.keep_draft:
        await drafts.delete(tx, scope.workspace, scope.identity.email, DraftAt("flow", new.path))
    await flows.insert(tx, flow)
    await links.put_flow(tx, flow.workspace, flow.path, draft.imports)
    if draft.unlocked is not None:
        await place(tx, locking.job_of(scope, flow, draft.unlocked))
    return flow.id


@dataclass(frozen=True, slots=True)
class _Draft:
    """The version to be, its first step whose lock has to be found, and what its steps import."""

    flow: FlowVersion
    unlocked: StepCode | None
    imports: list[str]

    def numbered(self, id: int) -> _Draft:
        return replace(self, flow=replace(self.flow, id=id))


async def _draft(world: World, scope: Scope, new: NewFlow) -> _Draft:
    """Before the version has its number."""
    _check_texts(new)
    access.require(scope.identity, Action.WRITE, new.path, what="flow")
    text = dumps(new.value)
    if len(text) > limits.FLOW_BYTES_MAX or len(text.encode()) > limits.FLOW_BYTES_MAX:
        raise TooLarge(f"value is larger than {limits.FLOW_BYTES_MAX} bytes", field="value")
    flow = await check_definition(world, scope.workspace, new.value)
    check_options(new.options, flow)
    named = uses(flow)
    _check_rights(scope, named)
    await _check_circles(world, scope, new.path, named)
    await scripts.check(world, named)
    unlocked = await locking.first_without(world, scope, flow, new.path)
    imports = await locking.imported(world, scope, flow, new.path)
    return _Draft(_version(world, scope, new, text=text, named=named), unlocked, imports)


def _version(
    world: World, scope: Scope, new: NewFlow, *, text: str, named: list[Use]
) -> FlowVersion:
    return FlowVersion(
        workspace=scope.workspace,
        id=0,
        path=new.path,
        summary=new.summary,
        description=new.description,
        value=text,
        uses=dumps(list(dict.fromkeys(use.key for use in named))),
        schema=None if new.schema is None else dumps(new.schema),
        tag=new.tag,
        options=dumps(new.options),
        created_by=scope.identity.username,
        created_at=world.now(),
        deployment_message=new.deployment_message,
        archived=False,
        deleted=False,
        head=True,
    )


def _check_texts(new: NewFlow) -> None:
    check_path(new.path)
    texts = (
        ("summary", new.summary, limits.LINE_CHARS_MAX),
        ("description", new.description, limits.TEXT_CHARS_MAX),
        ("tag", new.tag or "", 50),
        ("deployment_message", new.deployment_message or "", limits.LINE_CHARS_MAX),
    )
    for field, text, most in texts:
        if len(text) > most:
            raise Invalid(f"{field} is longer than {most} characters", field=field)
    if new.schema is not None:
        problems = arguments.schema_problems(new.schema)
        if problems:
            raise Invalid(f"schema: {problems[0]}", field="schema")


def _check_rights(scope: Scope, named: list[Use]) -> None:
    for use in named:
        if not scripts.is_hub(use.path) and not access.may(scope.identity, Action.READ, use.path):
            words = f"{scope.identity.username} sees no {use.kind} {use.path}"
            raise Invalid(f"{use.at}: {words}", field=use.at)


async def _check_circles(world: World, scope: Scope, path: str, named: list[Use]) -> None:
    """Fails: `Invalid`, naming the step whose flow leads back here."""
    inner = {use.path: use.at for use in named if use.kind == "flow"}
    seen: set[str] = set()
    async with world.db.view() as view:
        while inner and len(seen) <= limits.FLOW_CIRCLE_LOOKS:
            if path in inner:
                raise Invalid(
                    f"{inner[path]}: flow {path} would run itself, here or further inside",
                    field=inner[path],
                )
            seen |= inner.keys()
            found = await flows.uses(view, scope.workspace, list(inner))
            inner = {
                use.removeprefix("flow/"): inner[outer]
                for outer, keys in found.items()
                for use in keys
                if use.startswith("flow/") and use.removeprefix("flow/") not in seen
            }


async def set_archived(world: World, scope: Scope, path: str, *, archived: bool) -> None:
    """An archived flow disappears from lists and can still be run."""

    async def body(tx: Tx) -> None:
        await _require(tx, scope, path)
        await flows.set_archived(tx, scope.workspace, path, archived=archived)

    await _write(world, scope, path, body)


async def delete(world: World, scope: Scope, path: str) -> None:
    """Every version's definition is gone for good; refused while runs need it."""

    async def body(tx: Tx) -> None:
        await _require(tx, scope, path)
        if await flows.has_live_runs(tx, scope.workspace, path):
            raise Conflict(
                f"runs of {path} are queued or running; cancel them or wait for their end"
            )
        await flows.delete(tx, scope.workspace, path)

    await _write(world, scope, path, body)


async def describe(world: World, scope: Scope, id: int, message: str) -> None:
    """Says of a version afterwards what it was deployed for."""
    if len(message) > limits.LINE_CHARS_MAX:
        most = limits.LINE_CHARS_MAX
        raise Invalid(f"deployment_msg is longer than {most} characters", field="deployment_msg")

    async def body(tx: Tx) -> None:
        found = await flows.version(tx, scope.workspace, id)
        if found is None or found.deleted:
            raise NotFound(f"there is no version {id} of a flow here")
        access.require(scope.identity, Action.WRITE, found.path, what="flow")
        await flows.describe(tx, scope.workspace, id, message)

    await world.db.write(body)


async def _write(
    world: World, scope: Scope, path: str, body: Callable[[Tx], Awaitable[None]]
) -> None:
    access.require(scope.identity, Action.WRITE, path, what="flow")
    await world.db.write(body)


async def _require(tx: Tx, scope: Scope, path: str) -> FlowVersion:
    head = await flows.head(tx, scope.workspace, path)
    if head is None or head.deleted:
        raise NotFound(f"flow not found at name {path}")
    return head


async def _require_free(tx: Tx, scope: Scope, path: str) -> None:
    head = await flows.head(tx, scope.workspace, path)
    if head is not None and not head.archived:
        raise AlreadyExists(
            f"flow {path} already exists; update it to deploy another version", field="path"
        )

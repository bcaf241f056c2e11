"""What the expressions of a step see: core/flow says where it is, this reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from windmill_lite.base.clock import from_us
from windmill_lite.base.codec import Json, dumps, loads
from windmill_lite.core.flow import stored
from windmill_lite.core.flow.effects import AddResume, Effect, Record, ReplaceArgs
from windmill_lite.core.flow.errors import error_of
from windmill_lite.core.flow.events import Ask
from windmill_lite.core.flow.inside import prepared_args
from windmill_lite.core.flow.refs import Ref, child_id
from windmill_lite.engine.flows.scene import Act, Scene
from windmill_lite.expr.names import Failed, Function
from windmill_lite.model.flow_run import Voices

_ALWAYS = (
    *("flow_input", "results", "previous_result", "error", "flow_env", "params"),
    *("resume", "resumes", "approvers", "flow_job_id", "started_at", "WM_SCHEDULED_FOR"),
)


class StepNames:
    """`expr.names.Names` for one question of one run."""

    def __init__(self, scene: Scene, act: Act, ask: Ask, meanwhile: Sequence[Effect]) -> None:
        self._scene = scene
        self._act = act
        self._ask = ask
        self.secrets: dict[str, None] = {}  # that were read so far
        self._records = {e.step: e.ref for e in meanwhile if isinstance(e, Record)}
        self._added = [e.text for e in meanwhile if isinstance(e, AddResume)]
        self._prepared = [e.name for e in meanwhile if isinstance(e, ReplaceArgs)]
        more = {"result": ask.result, "all_iters": ask.all_iters}
        self.scope = frozenset({*_ALWAYS, *(n for n, ref in more.items() if ref is not None)})

    async def whole(self, name: str) -> str:
        match name:
            case "previous_result":
                return await self._of(self._ask.previous)
            case "result":
                return await self._of(self._ask.result)
            case "all_iters":
                return await self._of(self._ask.all_iters)
            case "error":
                return dumps(error_of(loads(await self._of(self._ask.previous), what="result")))
            case "resume" | "resumes" | "approvers":
                return await self._said(name)
        return await self._fact(name)

    async def _fact(self, name: str) -> str:
        match name:
            case "flow_job_id":
                return dumps(str(self._act.run.owner))
            case "started_at":
                owner = await self._scene.act(self._act.run.owner)
                return dumps(_told(owner.run.begun_at or self._scene.now))
            case "WM_SCHEDULED_FOR":
                return dumps(_told(self._act.asked.job.scheduled_for))
        return "{}"  # params

    async def _said(self, name: str) -> str:
        payloads = (*(await self._voices()).payloads, *self._added)
        if name == "resume":
            return payloads[-1] if payloads else "null"
        if name == "resumes":
            return f"[{','.join(payloads)}]"
        return dumps(list((await self._voices()).approvers))

    async def member(self, name: str, key: str) -> str | None:
        if name == "results":
            return await self._result(key)
        members = await self._members(name)
        return dumps(members[key]) if key in members else None

    async def keys(self, name: str) -> Sequence[str]:
        if name != "results":
            return list(await self._members(name))
        known = await self._scene.steps(self._act, self._records)
        return list(dict.fromkeys([*known, *self._records]))

    async def call(self, function: Function, path: str) -> str | Failed:
        found = await self._scene.shelf.kept_value(self._act.asked.job, function, path)
        if isinstance(found, Failed):
            return found
        self.secrets |= dict.fromkeys(found.secrets)
        return dumps(found.value)

    async def _members(self, name: str) -> Mapping[str, Json]:
        if name == "flow_env":
            return await self._scene.env(self._act)
        if self._prepared:
            text = await self._scene.result(child_id(self._act.run.id, self._prepared[-1]))
            return prepared_args(loads(text, what="result"))
        return await self._scene.flow_input(self._act)

    async def _result(self, step: str) -> str | None:
        if step in self._records:
            return await self._scene.text(self._act, self._records[step])
        found = await self._scene.recorded(self._act, step, self._records)
        if found is None:
            return None
        return await self._scene.text(await self._scene.act(found.run), stored.ref_read(found.ref))

    async def _of(self, ref: Ref | None) -> str:
        return "null" if ref is None else await self._scene.text(self._act, ref)

    async def _voices(self) -> Voices:
        if self._ask.gate is None:
            return Voices()
        run = self._act.run.id
        return await self._scene.voices(run, child_id(run, self._ask.gate))


def _told(moment: int) -> str:
    return from_us(moment).isoformat().replace("+00:00", "Z")

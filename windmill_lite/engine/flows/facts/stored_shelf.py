"""The shelf that is a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from windmill_lite.base.codec import Json, loads
from windmill_lite.base.errors import Bug, Invalid, NotFound, Refusal, TooLarge, Unauthenticated
from windmill_lite.core import access
from windmill_lite.core.access import Action
from windmill_lite.engine.flows.facts.definitions import Asked, Version, weight
from windmill_lite.engine.hub import scripts
from windmill_lite.engine.values import references, variables
from windmill_lite.engine.values.references import Filled
from windmill_lite.engine.world import World
from windmill_lite.expr.names import Failed, Function
from windmill_lite.model import limits
from windmill_lite.model.flow_run import FlowRun, Recorded, Round, Tried, Voices
from windmill_lite.model.job import NewJob
from windmill_lite.model.openflow import read
from windmill_lite.model.openflow.shape import Script, SubFlow
from windmill_lite.model.script import HubScript
from windmill_lite.store.db.port import View
from windmill_lite.store.machine import answers, code, flows
from windmill_lite.store.machine.code import Runnable, runnable_of
from windmill_lite.store.machine.library import flows as library
from windmill_lite.store.people.scope import Scope


class StoredShelf:
    """For one decision."""

    def __init__(self, world: World, view: View) -> None:
        self._world = world
        self._view = view
        self._scopes: dict[str, Scope | Failed] = {}  # by email

    async def run(self, id: UUID) -> FlowRun:
        found = await flows.run(self._view, id)
        if found is None:
            raise Bug(f"flow {id} has no run")
        return found

    async def asked(self, run: FlowRun) -> Asked:
        """What is asked of a flow that is over, to be shown, say, is not kept."""
        known, owner = self._world.definitions.asked, run.owner
        over = run.id == owner and not run.lives
        found = known.get(owner)
        if found is None:
            job = await flows.job(self._view, owner)
            document = job.raw_code or ""
            if job.raw_code is None:
                flow = (await self._version(job.workspace, int(job.script_hash or "0"))).flow
            else:
                flow = read(loads(document, what="flow"))
            facts = job._replace(args="", raw_code=None)
            found = Asked(facts, flow, loads(job.args, what="args"))
            if not over:
                known.keep(owner, found, size=weight(document, job.args))
        elif over:
            known.drop(owner)
        return found

    async def _version(self, workspace: str, id: int) -> Version:
        found = self._world.definitions.versions.get((workspace, id))
        if found is not None:
            return found
        version = await library.version(self._view, workspace, id)
        if version is None:
            raise Bug(f"there is no version {id} of a flow in {workspace}, and a run needs it")
        return self._world.definitions.version(version)

    async def result(self, job: UUID) -> str:
        return await flows.result(self._view, job)

    async def results(self, jobs: Sequence[UUID]) -> Mapping[UUID, str]:
        found: dict[UUID, str] = {}
        for at in range(0, len(jobs), limits.RESULTS_BATCH):
            found |= await flows.results(self._view, jobs[at : at + limits.RESULTS_BATCH])
        return found

    async def tried(self, job: UUID) -> Tried:
        return await flows.tried(self._view, job)

    async def recorded(self, scope: UUID, step: str) -> Recorded | None:
        return await flows.recorded(self._view, scope, step)

    async def recorded_steps(self, scope: UUID) -> list[str]:
        return await flows.recorded_steps(self._view, scope)

    async def item(self, loop: UUID, step: str, attempt: int, number: int) -> str:
        return await flows.item(self._view, Round(loop, step, attempt, number))

    async def voices(self, run: UUID, gate: UUID) -> Voices:
        return await flows.voices(self._view, run, gate)

    async def script(self, job: NewJob, kind: Script) -> Runnable | Failed:
        refusal = await self._refusal(job, kind.path, what="script")
        if refusal is not None:
            return refusal
        if kind.hash is None:
            deployed = await code.deployed(self._view, job.workspace, kind.path)
            return deployed or Failed("NotFound", f"no script is deployed at {kind.path}")
        version = await code.version(self._view, job.workspace, kind.hash)
        if version is None or version.deleted or version.lock is None:
            return Failed("NotFound", f"script {kind.path} has no version {kind.hash} that runs")
        refusal = await self._refusal(job, version.path, what="script")
        return refusal or runnable_of(version)

    async def hub(self, path: str) -> HubScript | Failed:
        try:
            return await scripts.find(self._world, path)
        except Refusal as refusal:
            return Failed(type(refusal).__name__, str(refusal))

    async def flow(self, job: NewJob, kind: SubFlow) -> Version | Failed:
        refusal = await self._refusal(job, kind.path, what="flow")
        if refusal is not None:
            return refusal
        head = await library.head(self._view, job.workspace, kind.path)
        if head is None or head.deleted:
            return Failed("NotFound", f"no flow is deployed at {kind.path}")
        return self._world.definitions.version(head)

    async def answer(self, job: NewJob) -> UUID | None:
        now = self._world.now()
        return await answers.find(self._view, job.workspace, job.cache_key or "", now=now)

    async def kept_value(self, job: NewJob, function: Function, path: str) -> Filled | Failed:
        scope = await self._scope(job)
        if isinstance(scope, Failed):
            return scope
        kind = "var" if function == "variable" else "res"
        try:
            return await references.fill(self._world, scope, f"${kind}:{path}")
        except (NotFound, Invalid, TooLarge) as refusal:
            return Failed(type(refusal).__name__, str(refusal))

    async def sealed(self, job: NewJob, value: Json) -> str:
        scope = await self._scope(job)
        assert not isinstance(scope, Failed), "it has read the secret"
        return await variables.sealed(self._world, scope, value)

    async def _refusal(self, job: NewJob, path: str, *, what: str) -> Failed | None:
        if scripts.is_hub(path):
            return Failed("NotSupported", f"{what} {path}: a hub gives scripts only")
        scope = await self._scope(job)
        if isinstance(scope, Failed):
            return scope
        if access.may(scope.identity, Action.RUN, path):
            return None
        who = scope.identity.username
        return Failed("NotFound", f"{who}, as whom the flow runs, sees no {what} {path}")

    async def _scope(self, job: NewJob) -> Scope | Failed:
        """As whom a flow runs, with the rights of today."""
        if job.email not in self._scopes:
            try:
                self._scopes[job.email] = await references.scope_of(self._world, job)
            except (NotFound, Unauthenticated) as refusal:
                self._scopes[job.email] = Failed("Denied", str(refusal))
        return self._scopes[job.email]

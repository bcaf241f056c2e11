"""The shelf that is a database."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from windmill_lite.base.codec import loads
from windmill_lite.base.errors import Bug
from windmill_lite.engine.flows.definitions import Asked, Definitions
from windmill_lite.model.flow_run import FlowRun, Recorded, Round, Voices
from windmill_lite.model.job import NewJob
from windmill_lite.model.openflow import read
from windmill_lite.store.db.port import View
from windmill_lite.store.machine import flows
from windmill_lite.store.machine.library import flows as library


class StoredShelf:
    def __init__(self, view: View, known: Definitions) -> None:
        self._view = view
        self._known = known

    async def run(self, id: UUID) -> FlowRun:
        found = await flows.run(self._view, id)
        if found is None:
            raise Bug(f"flow {id} has no run")
        return found

    async def asked(self, owner: UUID) -> Asked:
        found = self._known.get(owner)
        if found is None:
            job = await flows.job(self._view, owner)
            document = job.raw_code
            if document is None:
                document = await self._deployed(job)
            flow = read(loads(document, what="flow"))
            facts = replace(job, args="", raw_code=None)
            found = Asked(facts, flow, loads(job.args, what="args"))
            self._known.keep(found, len(document) + len(job.args))
        return found

    async def _deployed(self, job: NewJob) -> str:
        version = int(job.script_hash or "0")
        found = await library.version(self._view, job.workspace, version)
        if found is None:
            raise Bug(f"flow {job.id} runs version {version}, which is not there")
        return found.value

    async def result(self, job: UUID) -> str:
        return await flows.result(self._view, job)

    async def args(self, job: UUID) -> str:
        return await flows.args(self._view, job)

    async def recorded(self, scope: UUID, step: str) -> Recorded | None:
        return await flows.recorded(self._view, scope, step)

    async def recorded_steps(self, scope: UUID) -> list[str]:
        return await flows.recorded_steps(self._view, scope)

    async def item(self, loop: UUID, step: str, attempt: int, number: int) -> str:
        return await flows.item(self._view, Round(loop, step, attempt, number))

    async def voices(self, gate: UUID) -> Voices:
        return await flows.voices(self._view, gate)

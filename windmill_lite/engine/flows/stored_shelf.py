"""The shelf that is a database."""

from __future__ import annotations

from uuid import UUID

from windmill_lite.base.errors import Bug
from windmill_lite.model.flow_run import Definition, FlowRun, Recorded, Round, Voices
from windmill_lite.store.db.port import View
from windmill_lite.store.machine import flows


class StoredShelf:
    def __init__(self, view: View) -> None:
        self._view = view

    async def run(self, id: UUID) -> FlowRun:
        found = await flows.run(self._view, id)
        if found is None:
            raise Bug(f"flow {id} has no run")
        return found

    async def definition(self, owner: UUID) -> Definition:
        return await flows.definition(self._view, owner)

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

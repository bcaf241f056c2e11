"""What deciding reads. Nothing is written here, and nothing is locked: the versions of the runs are
compared when the decision is stored.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from windmill_lite.engine.flows.definitions import Asked
from windmill_lite.model.flow_run import FlowRun, Recorded, Voices


class Shelf(Protocol):
    async def run(self, id: UUID) -> FlowRun: ...

    async def asked(self, owner: UUID) -> Asked: ...

    async def result(self, job: UUID) -> str:
        """JSON; of a job that completed."""
        ...

    async def args(self, job: UUID) -> str: ...

    async def recorded(self, scope: UUID, step: str) -> Recorded | None: ...

    async def recorded_steps(self, scope: UUID) -> list[str]: ...

    async def item(self, loop: UUID, step: str, attempt: int, number: int) -> str: ...

    async def voices(self, gate: UUID) -> Voices: ...

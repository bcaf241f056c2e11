"""What deciding reads. Nothing is written here, and nothing is locked: the versions of the runs are
compared when the decision is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from windmill_lite.base.codec import Json
from windmill_lite.engine.flows.facts.definitions import Asked, Version
from windmill_lite.engine.values.references import Filled
from windmill_lite.expr.names import Failed, Function
from windmill_lite.model.flow_run import FlowRun, Recorded, Tried, Voices
from windmill_lite.model.job import NewJob
from windmill_lite.model.openflow.shape import Script, SubFlow
from windmill_lite.model.script import HubScript
from windmill_lite.store.machine.code import Runnable


class Shelf(Protocol):
    async def run(self, id: UUID) -> FlowRun: ...

    async def asked(self, run: FlowRun) -> Asked: ...

    async def result(self, job: UUID) -> str:
        """JSON; of a job that completed."""
        ...

    async def results(self, jobs: Sequence[UUID]) -> Mapping[UUID, str]:
        """The same for many; all of them completed."""
        ...

    async def tried(self, job: UUID) -> Tried: ...

    async def recorded(self, scope: UUID, step: str) -> Recorded | None: ...

    async def recorded_steps(self, scope: UUID) -> list[str]: ...

    async def item(self, loop: UUID, step: str, attempt: int, number: int) -> str: ...

    async def voices(self, run: UUID, gate: UUID) -> Voices: ...

    async def script(self, job: NewJob, kind: Script) -> Runnable | Failed:
        """What a step of this flow's job runs, if whom it runs as may run it."""
        ...

    async def hub(self, path: str) -> HubScript | Failed: ...

    async def flow(self, job: NewJob, kind: SubFlow) -> Version | Failed: ...

    async def answer(self, job: NewJob) -> UUID | None:
        """A job whose result answers this one."""
        ...

    async def kept_value(self, job: NewJob, function: Function, path: str) -> Filled | Failed:
        """Of a variable or a resource that whom the flow runs as may read."""
        ...

    async def sealed(self, job: NewJob, value: Json) -> str:
        """A reference to the value, which the worker opens as it fills in the arguments."""
        ...

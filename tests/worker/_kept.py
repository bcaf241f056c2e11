"""A worker's runner without a database, and claims of a version whose process is kept."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any
from uuid import UUID

from tests._toolchains import lend
from tests.worker._stage import eventually
from windmill_lite.base.ids import new_id
from windmill_lite.model.job import Claim, Finished, JobKind, NewJob, Outcome
from windmill_lite.worker.cells import CellRunner

Args = dict[str, Any] | None


@dataclass
class Runs:
    """A worker's runner, and what the last run said."""

    runner: CellRunner
    output: list[bytes] = field(default_factory=list)

    async def run(
        self, code: str, args: Args = None, *, env: dict[str, str] | None = None, **more: Any
    ) -> Finished:
        claim = claimed(code, args, **more)
        return await self.runner.run(claim, {"WM_JOB_ID": "7", **(env or {})}, self.output.append)

    async def result(self, code: str, args: Args = None, **more: Any) -> Any:
        finished = await self.run(code, args, **more)
        assert finished.outcome is Outcome.SUCCESS, finished
        return json.loads(finished.result)

    async def error(self, code: str, args: Args = None, **more: Any) -> dict[str, str]:
        finished = await self.run(code, args, **more)
        assert finished.outcome is Outcome.FAILURE, finished
        error: dict[str, str] = json.loads(finished.result)["error"]
        return error

    async def says(self, words: bytes) -> None:
        async def said() -> bool:
            return words in self.output

        await eventually(said)


def claimed(
    code: str, args: Args, *, id_: UUID | None = None, flow_path: str | None = None, **more: Any
) -> Claim:
    facts: dict[str, Any] = {
        "language": "python3",
        "script_hash": "1",
        "permissioned_as": "u/ada",
        "cell": '{"dedicated":true}',
        "path": "f/ops/kept",
        "workspace": "main",
    }
    job = NewJob(
        id=id_ or new_id(),
        kind=JobKind.SCRIPT,
        created_by="ada",
        email="ada@here.test",
        created_at=0,
        scheduled_for=0,
        tag="python3",
        args=json.dumps(args or {}),
        **(facts | more),
    )
    return Claim(job, 1, 0, dedent(code), "", flow_path=flow_path)


def step(id: str, path: str = "f/ops/flow", **more: Any) -> dict[str, Any]:
    """What tells a claim of code that stands in a flow from one of a script."""
    facts = {"path": f"{path}/{id}", "flow_path": path, "step_id": id, "script_hash": None}
    return facts | more


@asynccontextmanager
async def runs(data_dir: Path, **more: Any) -> AsyncIterator[Runs]:
    lend(data_dir)
    runner = CellRunner("process", data_dir=data_dir, **more)
    await runner.start()
    try:
        yield Runs(runner)
    finally:
        await runner.stop()

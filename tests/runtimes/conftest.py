"""Scripts, run for real in the strongest sandbox of this machine."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any

import pytest

from sandbox import ForkServer, Limits, source_launcher
from tests._toolchains import built, toolchains
from windmill_lite.runtimes import (
    WARM_MODULES,
    Call,
    Failure,
    Python,
    Runtime,
    Success,
    entry_module,
    outcome_of,
)
from windmill_lite.worker.steps import Steps


@dataclass
class Scripts:
    """Runs scripts as a worker does."""

    server: ForkServer
    runtime: Runtime = field(default_factory=lambda: Python(toolchains(), built()))
    output: list[bytes] = field(default_factory=list)

    async def run(
        self, code: str, *, limits: Limits | None = None, **args: Any
    ) -> Success | Failure:
        call = Call(
            job_id="job",
            code=dedent(code).lstrip("\n"),
            path="f/ops/hello",
            args_json=json.dumps(args),
            env={"WM_WORKSPACE": "demo"},
            timeout_s=10,
            limits=limits or Limits(),
        )
        steps = Steps(self.server, built())
        ready = await steps.ready(self.runtime, call, self.output.append)
        if isinstance(ready, Failure):
            return ready
        cell = self.runtime.command(ready)
        return outcome_of(cell, await self.server.run(cell, self.output.append))

    async def result(self, code: str, **args: Any) -> Any:
        end = await self.run(code, **args)
        assert isinstance(end, Success), (end, self.text)
        return json.loads(end.result_json)

    async def error(self, code: str, **args: Any) -> dict[str, str]:
        end = await self.run(code, **args)
        assert isinstance(end, Failure), end
        assert not end.ours
        return end.error

    @property
    def text(self) -> str:
        return b"".join(self.output).decode()


@pytest.fixture
async def scripts() -> AsyncIterator[Scripts]:
    homes = Python(toolchains(), built()).homes
    shared = (str(toolchains().root), str(built().root), *homes)
    server = ForkServer(
        source_launcher(), entry_module(), "best", preload=WARM_MODULES, shared=shared
    )
    try:
        await server.start()
        yield Scripts(server)
    finally:
        await server.stop()

"""Scripts that run again are compiled once, by a cell that runs nothing of them."""

from __future__ import annotations

import json
import marshal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox import Cell, Exit, ForkServer, source_launcher
from tests._toolchains import built, toolchains
from windmill_lite.model import limits
from windmill_lite.runtimes import (
    WARM_MODULES,
    Call,
    Failure,
    Python,
    Success,
    entry_module,
    outcome_of,
)
from windmill_lite.worker.steps import Steps
from windmill_lite.worker.together import Say

#: What makes a text long enough.
LONG = "# a line that says nothing at all, as comments do\n" * 30
PLACE = "f/ops/again"
SHOWN = "f/ops/again.py"


@dataclass
class Worker:
    """Prepares and runs scripts, and remembers what it knows of them and what it was asked."""

    server: ForkServer
    runtime: Python = field(default_factory=lambda: Python(toolchains(), built()))
    cells: list[Cell] = field(default_factory=list)
    output: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.steps = Steps(self, built())

    async def run(self, cell: Cell, on_output: Say) -> Exit:
        self.cells.append(cell)
        return await self.server.run(cell, on_output)

    async def ready(self, code: str, **args: Any) -> Call:
        call = Call("job", code, PLACE, json.dumps(args), {}, timeout_s=20)
        ready = await self.steps.ready(self.runtime, call, self.output.extend)
        assert isinstance(ready, Call), ready
        return ready

    async def outcome(self, ready: Call) -> Success | Failure:
        cell = self.runtime.command(ready)
        return outcome_of(cell, await self.server.run(cell, self.output.extend))


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    server = ForkServer(source_launcher(), entry_module(), "best", preload=WARM_MODULES)
    try:
        await server.start()
        yield Worker(server)
    finally:
        await server.stop()


async def test_a_text_that_runs_again_is_compiled_once_and_does_the_same(worker: Worker) -> None:
    code = f"{LONG}def main(x: int):\n    print(__file__)\n    return x + 1\n"
    bytecodes = []
    for x in range(4):
        ready = await worker.ready(code, x=x)
        bytecodes.append(ready.compiled)
        assert await worker.outcome(ready) == Success(str(x + 1))
    assert [bool(each) for each in bytecodes] == [False, True, True, True]
    assert len(worker.cells) == 1
    assert worker.output.decode() == f"{SHOWN}\n" * 4


async def test_a_failure_of_bytecode_shows_the_lines_of_the_text(worker: Worker) -> None:
    code = f"{LONG}def main():\n    return 1 / 0  # here\n"
    told = []
    for _ in range(2):
        outcome = await worker.outcome(await worker.ready(code))
        assert isinstance(outcome, Failure)
        told.append(outcome.error)
    assert told[0] == told[1]
    assert "return 1 / 0  # here" in told[1]["stack"]


async def test_code_that_ran_cannot_answer_for_its_bytecode(worker: Worker) -> None:
    """It answers with other bytecode in every way that it has, and ends at once."""
    forged = marshal.dumps(compile("def main(): return 'forged'", SHOWN, "exec"))
    code = f"""{LONG}
import marshal, os, sys
class Loud:
    def __init__(self): os.write(4, b"+" + {forged!r})
Loud()
marshal.dumps = lambda *_: {forged!r}
sys.modules["marshal"].loads = lambda *_: compile("main = print", "x", "exec")
def main(x):
    os.write(4, {forged!r})
    os._exit(0)
"""
    for x in range(3):
        assert not isinstance(await worker.outcome(await worker.ready(code, x=x)), Success)
    honest = compile(code, SHOWN, "exec", dont_inherit=True)
    assert marshal.loads((await worker.ready(code, x=3)).compiled) == honest  # noqa: S302
    neighbour = f"{LONG}def main(): return 'mine'\n"
    for _ in range(3):
        assert await worker.outcome(await worker.ready(neighbour)) == Success('"mine"')


async def test_what_compiles_a_text_gets_none_of_the_jobs_secrets(worker: Worker) -> None:
    code = f"{LONG}def main(secret): return 1\n"
    for _ in range(2):
        call = Call("job", code, PLACE, '{"secret": "s3cr3t"}', {"WM_TOKEN": "t0k3n"})
        await worker.steps.ready(worker.runtime, call, worker.output.extend)
    (cell,) = worker.cells
    assert b"s3cr3t" not in cell.request
    assert "WM_TOKEN" not in cell.env
    assert not cell.mounts


@pytest.mark.parametrize(
    "last",
    ["def main(: return 1", "def main(): return 1\nif main is 1: pass", "def main(): return '\0'"],
    ids=["an error", "a warning", "a null byte"],
)
async def test_a_text_with_something_to_tell_tells_it_at_every_run(
    worker: Worker, last: str
) -> None:
    told = []
    for _ in range(3):
        worker.output.clear()
        ready = await worker.ready(f"{LONG}{last}\n")
        assert not ready.compiled
        told.append((await worker.outcome(ready), bytes(worker.output)))
    assert told[0] == told[1] == told[2]
    assert len(worker.cells) == 1


async def test_short_texts_are_compiled_by_each_run(worker: Worker) -> None:
    for _ in range(3):
        assert not (await worker.ready("def main(): return 1\n")).compiled
    assert not worker.cells


async def test_bytecode_is_kept_within_its_bounds(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "COMPILED_BYTES_MAX", 10_000)
    texts = [f"{LONG}def main(): return {'x' * 6000!r} + '{n}'\n" for n in range(2)]
    for text in texts:
        await worker.ready(text)
        assert (await worker.ready(text)).compiled
    assert (await worker.ready(texts[1])).compiled
    assert not (await worker.ready(texts[0])).compiled  # it made room for the other


async def test_a_compilation_that_is_cut_off_is_made_by_the_next_run(worker: Worker) -> None:
    text = f"{LONG}def main(): return 1\n"
    await worker.ready(text)

    async def broken(cell: Cell, on_output: Say) -> Exit:
        return Exit(reason="broken", level="namespaces")

    run, worker.run = worker.run, broken  # type: ignore[method-assign]
    assert not (await worker.ready(text)).compiled
    worker.run = run  # type: ignore[method-assign]
    assert (await worker.ready(text)).compiled

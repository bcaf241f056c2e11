"""Processes that are kept between the runs of a version, with real cells and no database."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests._pythons import OTHERS, another, asking
from tests.worker._kept import Runs, claimed, runs, step
from tests.worker._shop import Sleeper
from tests.worker._stage import eventually
from windmill_lite.base.ids import new_id
from windmill_lite.model import limits
from windmill_lite.model.job import Outcome
from windmill_lite.runtimes import Call
from windmill_lite.worker.dedicated import key_of
from windmill_lite.worker.runner import Interrupted

COUNTS = """
import os
count = 0
def main(x=0):
    global count
    count += 1
    print("run", count, os.environ["WM_JOB_ID"])
    return [count, os.getpid(), x]
"""


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Runs]:
    async with runs(tmp_path) as opened:
        yield opened


def test_what_tells_processes_apart_is_short_however_much_they_import() -> None:
    claim = claimed("def main(): ...", {})
    call = Call("1", claim.code or "", "f/ops/kept", "{}", {}, lock="x" * 100_000)
    large = replace(call, imported={"f/ops/tools": "y = 1\n" * 100_000})
    keys = {key_of(claim, each) for each in (call, large, replace(large, lock=""))}
    assert len(keys) == 3
    assert max(map(len, keys)) < 500


async def test_one_process_serves_run_after_run_each_with_its_own_arguments_and_log(
    kept: Runs,
) -> None:
    first = await kept.result(COUNTS, {"x": "a"})
    assert kept.output == [b"run 1 7\n"]
    kept.output.clear()
    assert await kept.result(COUNTS, {"x": "b"}) == [2, first[1], "b"]
    assert b"".join(kept.output) == b"run 2 7\n"


@another
async def test_a_process_on_another_python_is_kept_as_well(kept: Runs) -> None:
    code = asking(COUNTS.replace("x]", "sys.executable]").replace("import os", "import os, sys"))
    first = await kept.result(code)
    assert first[2].endswith(OTHERS[0].started)
    assert await kept.result(code) == [2, *first[1:]]


async def test_another_version_other_rights_and_a_plain_run_have_processes_of_their_own(
    kept: Runs,
) -> None:
    await kept.result(COUNTS)
    for more in ({"script_hash": "2"}, {"permissioned_as": "u/bob"}, {"cell": None}):
        assert (await kept.result(COUNTS, **more))[0] == 1
    assert (await kept.result(COUNTS))[0] == 2


async def test_steps_of_a_flow_with_the_same_text_share_a_process_and_nobody_else_does(
    kept: Runs,
) -> None:
    assert [(await kept.result(COUNTS, **step(id)))[0] for id in ("a", "b", "a")] == [1, 2, 3]
    others = [
        step("a", "f/ops/other"),
        step("a", permissioned_as="u/bob"),
        step("a", workspace="second"),
        step("a", cell=None),
        step("a", path="f/ops/its_own"),
    ]
    assert [(await kept.result(COUNTS, **more))[0] for more in others] == [1] * 5
    assert (await kept.result(f"{COUNTS}# changed", **step("a")))[0] == 1
    assert (await kept.result(COUNTS, **step("c")))[0] == 4


async def test_the_stack_of_a_failed_step_names_its_flow(kept: Runs) -> None:
    for id in ("a", "b"):
        error = await kept.error("def main(): raise ValueError('no')", **step(id))
        assert 'File "f/ops/flow.py", line 1' in error["stack"]


async def test_runs_that_come_at_once_do_not_wait_for_each_other(kept: Runs) -> None:
    code = "import time\ndef main(): print('up', flush=True); time.sleep(600)"
    ids = [new_id() for _ in range(3)]
    running = [asyncio.ensure_future(kept.run(code, id_=each)) for each in ids]

    async def all_run() -> bool:
        return kept.output.count(b"up\n") == 3

    await eventually(all_run)
    for each in ids:
        kept.runner.cancel(each)
    assert [(await each).outcome for each in running] == [Outcome.CANCELED] * 3


async def test_a_failure_is_told_as_any_and_the_process_goes_on(kept: Runs) -> None:
    code = """
    count = 0
    def main(fail):
        global count
        count += 1
        if fail: raise ValueError("no")
        return count
    """
    assert await kept.result(code, {"fail": False}) == 1
    error = await kept.error(code, {"fail": True})
    assert (error["name"], error["message"]) == ("ValueError", "no")
    assert "f/ops/kept.py" in error["stack"]
    assert "run_standing" not in error["stack"]
    assert await kept.result(code, {"fail": False}) == 3


@pytest.mark.parametrize(
    ("ending", "name", "message"),
    [
        ("raise SystemExit(3)", "SystemExit", "exit code 3"),
        ("import os; os._exit(3)", "ExecutionErr", "exit code 3"),
        ("import os; os.abort()", "ExecutionErr", "killed by SIG"),
        ("import os; os.write(4, b'x' * 8)", "ExecutionErr", "is not an answer of its wrapper"),
        ("import os; os.write(4, b'\\2\\0\\0\\0{}')", "ExecutionErr", "is not an answer"),
        ("return 'x' * 11_000_000", "ResultTooLarge", "10 MiB"),
        ("import time; time.sleep(60)", "TimeoutError", "after 1 s"),
    ],
)
async def test_a_run_that_ends_its_process_is_told_how_and_the_next_one_gets_another(
    kept: Runs, ending: str, name: str, message: str
) -> None:
    code = f"""
    count = 0
    def main(end=False):
        global count
        count += 1
        if end:
            {ending}
        return count
    """
    assert await kept.result(code) == 1
    timeout_s = 1 if name == "TimeoutError" else 40
    ended = await kept.run(code, {"end": True}, timeout_s=timeout_s)
    assert (ended.outcome, ended.sandbox) == (Outcome.FAILURE, kept.runner.level)
    error = json.loads(ended.result)["error"]
    assert error["name"] == name
    assert message in error["message"]
    assert await kept.result(code) == (3 if name == "ResultTooLarge" else 1)


async def test_what_cannot_be_loaded_says_so_every_time(kept: Runs) -> None:
    for _ in range(2):
        assert (await kept.error("def main(:"))["name"] == "SyntaxError"


async def test_a_canceled_run_ends_with_all_that_its_process_has_started(kept: Runs) -> None:
    sleeper = Sleeper.new()
    code = f"""
    import subprocess
    def main(start):
        if start: subprocess.Popen(["sleep", "{sleeper.seconds}"], start_new_session=True)
        else: print("up", flush=True); subprocess.run(["sleep", "600"])
    """
    await kept.result(code, {"start": True})
    await sleeper.until(count=1)
    job_id = new_id()
    running = asyncio.ensure_future(kept.run(code, {"start": False}, id_=job_id))
    await kept.says(b"up\n")
    kept.runner.cancel(job_id)
    ended = await running
    assert (ended.outcome, ended.sandbox) == (Outcome.CANCELED, kept.runner.level)
    await sleeper.until(count=0)


async def test_the_guard_ends_the_process_and_the_run_is_lost(kept: Runs) -> None:
    code = "import time\ndef main(s=0): print('up', flush=True); time.sleep(s)"
    await kept.result(code)
    kept.output.clear()
    running = asyncio.ensure_future(kept.run(code, {"s": 600}))
    await kept.says(b"up\n")
    kept.runner.trust_until(time.clock_gettime(time.CLOCK_BOOTTIME) + 0.1)
    with pytest.raises(Interrupted, match="out of contact"):
        await running
    with pytest.raises(Interrupted, match="out of contact"):
        await kept.run(code)
    kept.runner.trust_until(time.clock_gettime(time.CLOCK_BOOTTIME) + 600)
    await kept.result(code)


async def test_a_process_that_is_gone_when_its_next_run_comes_costs_the_run_nothing(
    kept: Runs,
) -> None:
    sleeper = Sleeper.new()
    code = f"""
    import subprocess
    def main(): subprocess.Popen(["sleep", "{sleeper.seconds}"])
    """
    for _ in range(3):
        await kept.result(code)
        await sleeper.until(count=1)
        os.kill(sleeper.parent, signal.SIGKILL)
        await sleeper.until(count=0)


async def test_without_runs_it_ends(kept: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DEDICATED_IDLE_S", 0.1)
    sleeper = Sleeper.new()
    code = f"import subprocess\ndef main(): subprocess.Popen(['sleep', '{sleeper.seconds}'])"
    await kept.result(code)
    await sleeper.until(count=0)


async def test_there_are_only_so_many_and_beyond_them_runs_have_cells_of_their_own(
    kept: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "DEDICATED_MAX", 1)
    monkeypatch.setattr(limits, "DEDICATED_STAY_S", 600.0)
    assert [(await kept.result(COUNTS))[0] for _ in range(2)] == [1, 2]
    assert [(await kept.result(COUNTS, script_hash="2"))[0] for _ in range(2)] == [1, 1]
    assert (await kept.result(COUNTS))[0] == 3, "it was asked just now, and stays"
    monkeypatch.setattr(limits, "DEDICATED_STAY_S", 0.0)
    assert [(await kept.result(COUNTS, script_hash="2"))[0] for _ in range(2)] == [1, 2]
    assert (await kept.result(COUNTS))[0] == 1, "the other one took its place"
    monkeypatch.setattr(limits, "DEDICATED_MAX", 0)
    await kept.result(COUNTS)
    assert [(await kept.result(COUNTS, script_hash="3"))[0] for _ in range(2)] == [1, 1]


async def test_what_a_run_cost_is_its_own(kept: Runs) -> None:
    code = """
    import time
    def main(s):
        began = time.process_time()
        while time.process_time() - began < s: pass
    """
    long, short = [await kept.run(code, {"s": s}) for s in (0.3, 0.0)]
    assert long.cpu_ms is not None
    assert short.cpu_ms is not None
    assert long.cpu_ms > 250 > short.cpu_ms
    assert short.memory_peak_kb


async def test_async_scripts_keep_their_loop_and_generators_stream(kept: Runs) -> None:
    code = """
    import asyncio
    lock = None
    async def main():
        global lock
        lock = lock or asyncio.get_running_loop()
        return lock is asyncio.get_running_loop()
    """
    assert [await kept.result(code) for _ in range(2)] == [True, True]
    streaming = "def main():\n    yield 'a'"
    assert await kept.result(streaming, script_hash="2") is None
    assert kept.output == [b"WM_STREAM: a\n"]

"""What a real cell gives a script and takes from it: its end, its names, its token."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from tests._promised import within
from tests.worker._shop import DAEMON, Shop, Sleeper
from tests.worker.conftest import ADA
from windmill_lite.base.errors import Unauthenticated
from windmill_lite.base.ids import new_id
from windmill_lite.engine import cancel
from windmill_lite.engine.login import authenticate, enter
from windmill_lite.model.job import Finished, Outcome
from windmill_lite.worker.cells import CellRunner

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_canceled_job_is_dead_with_all_it_started_within_a_second(shop: Shop) -> None:
    async def started() -> Callable[[], Awaitable[object]]:
        sleeper = Sleeper.new()
        daemon = DAEMON.replace("{seconds}", sleeper.seconds)
        loop = "def main():\n    daemon()\n    print('up', flush=True)\n    while True: pass"
        job_id = await shop.start(daemon + loop)
        await shop.office.has_logged(job_id, "up")
        await sleeper.until(count=1)

        async def canceled() -> None:
            assert await cancel.cancel(shop.office.world, ADA, job_id, reason="enough", force=False)
            await sleeper.until(count=0)
            ended = await shop.end(job_id)
            assert ended.record.outcome is Outcome.CANCELED
            assert ended.record.sandbox, "in which it ran"
            assert ended.log == "up\n"

        return canceled

    await within(1.0, started)


async def test_a_job_canceled_before_its_cell_is_made_never_starts(shop: Shop) -> None:
    for _ in range(5):
        job_id = await shop.start("import time\ndef main(): time.sleep(600)")
        await cancel.cancel(shop.office.world, ADA, job_id, reason="at once", force=False)
        assert (await shop.end(job_id)).record.outcome is Outcome.CANCELED


async def test_jobs_of_one_slot_are_canceled_each_for_itself(tmp_path: Path) -> None:
    """Else the second cancellation, or the timeout of a later job, would end the slot."""
    runner, loop = CellRunner("process", data_dir=tmp_path), asyncio.get_running_loop()

    async def endless(end: Callable[[], object]) -> Finished:
        for _ in range(2):
            loop.call_soon(end)
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    for job_id in (new_id(), new_id()):
        ended = await runner._until_canceled(job_id, endless(partial(runner.cancel, job_id)))
        assert ended.outcome is Outcome.CANCELED
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await asyncio.Event().wait()
    task = asyncio.current_task()
    assert task is not None
    with pytest.raises(asyncio.CancelledError):  # by somebody who ends the slot
        await runner._until_canceled(new_id(), endless(task.cancel))
    while task.cancelling():
        task.uncancel()


async def test_a_job_is_told_with_what_it_cost(shop: Shop) -> None:
    code = "import time\ndef main():\n    while time.process_time() < 0.2: pass"
    record = (await shop.run(code)).record
    assert record.cpu_ms is not None
    assert 150 < record.cpu_ms < 20_000
    assert record.memory_peak_kb
    killed = (await shop.run("import os\ndef main(): os.abort()")).record
    assert killed.cpu_ms is not None


NAMES = {
    *("BASE_INTERNAL_URL", "BASE_URL", "WM_BASE_URL", "WM_EMAIL", "WM_END_USER_EMAIL"),
    *("WM_FLOW_JOB_ID", "WM_FLOW_PATH", "WM_FLOW_STEP_ID", "WM_JOB_ID", "WM_JOB_PATH"),
    *("WM_OBJECT_PATH", "WM_PERMISSIONED_AS", "WM_ROOT_FLOW_JOB_ID", "WM_ROOT_JOB_ID"),
    *("WM_RUNNABLE_ID", "WM_SCHEDULED_FOR", "WM_SCHEDULE_PATH", "WM_STATE_PATH", "WM_TOKEN"),
    *("WM_USERNAME", "WM_WORKER_GROUP", "WM_WORKSPACE"),
}


async def test_a_script_sees_every_name_that_clients_read_and_nothing_of_the_worker(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    code = "import os\ndef main(): return dict(os.environ)"
    ended = await shop.run(code)
    env = ended.result
    assert sorted(NAMES - set(env)) == []
    theirs = {"HOME", "LANG", "PATH", "PWD", "PYTHONUNBUFFERED", "TMPDIR", "TZ", "WM_ATTEMPT"}
    assert sorted(set(env) - NAMES) == sorted(theirs)
    job_id = str(ended.record.id)
    told = {name: env[name] for name in ("WM_JOB_ID", "WM_ROOT_JOB_ID", "WM_WORKSPACE")}
    assert told == {"WM_JOB_ID": job_id, "WM_ROOT_JOB_ID": job_id, "WM_WORKSPACE": "main"}
    assert (env["WM_USERNAME"], env["WM_PERMISSIONED_AS"]) == ("ada", "u/ada")
    assert env["WM_EMAIL"] == "ada@here.test"
    assert env["WM_STATE_PATH"] == "u/ada/tmp_state"
    assert (env["BASE_URL"], env["WM_BASE_URL"]) == ("http://here.test", "http://here.test")
    assert env["BASE_INTERNAL_URL"] == "http://127.0.0.1:1"
    assert env["WM_OBJECT_PATH"].endswith(f"_{job_id}")


async def test_a_script_can_write_where_it_is_told_its_home_is(shop: Shop) -> None:
    code = """
    import pathlib, tempfile
    def main():
        (pathlib.Path.home() / "mine").write_text("a")
        pathlib.Path("here").write_text("b")
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"c")
        return pathlib.Path.home().joinpath("mine").read_text()
    """
    assert (await shop.run(code)).result == "a"


async def test_a_jobs_token_opens_the_door_only_while_the_job_runs(shop: Shop) -> None:
    world = shop.office.world
    job_id = await shop.start(
        "import os, time\ndef main(): print(os.environ['WM_TOKEN'], flush=True); time.sleep(600)"
    )
    await shop.office.has_logged(job_id, "\n")
    token = (await shop.office.log(job_id)).strip()
    scope = await enter(world, await authenticate(world, token), "main")
    assert (scope.me, scope.identity.job_id) == ("u/ada", job_id)
    await cancel.cancel(world, ADA, job_id, reason="enough", force=False)
    await shop.end(job_id)
    with pytest.raises(Unauthenticated, match="ended"):
        await authenticate(world, token)


async def test_a_fork_server_that_dies_costs_an_attempt_and_nothing_else(shop: Shop) -> None:
    runner = shop.crew.loop._bench.runner
    job_id = await shop.start(
        "import os, time\ndef main():\n  if os.environ['WM_ATTEMPT'] == '1':\n"
        "    print('first', flush=True); time.sleep(600)\n  return 'second'"
    )
    await shop.office.has_logged(job_id, "first")
    runner._server._session._launch._process.kill()  # type: ignore[attr-defined]
    ended = await shop.end(job_id)
    assert (ended.result, ended.record.attempt) == ("second", 2)
    assert "the fork server died; the job runs again" in ended.log


async def test_a_bash_script_runs_as_one_of_python_does(shop: Shop) -> None:
    ended = await shop.run("echo on its way\necho $WM_JOB_ID", language="bash")
    assert ended.result == str(ended.record.id)
    assert ended.log == f"on its way\n{ended.record.id}\n"
    assert ended.record.sandbox is not None


async def test_a_canceled_bash_script_is_dead_with_all_it_started(shop: Shop) -> None:
    sleeper = Sleeper.new()
    code = f"setsid nohup sleep {sleeper.seconds} &\necho up; while true; do true; done"
    job_id = await shop.start(code, language="bash")
    await shop.office.has_logged(job_id, "up")
    await sleeper.until(count=1)
    assert await cancel.cancel(shop.office.world, ADA, job_id, reason="enough", force=False)
    await sleeper.until(count=0)
    assert (await shop.end(job_id)).record.outcome is Outcome.CANCELED

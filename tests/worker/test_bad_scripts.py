"""Scripts that do what they should not, in real cells: each ends as a job whose error says what
happened, and leaves nothing behind.
"""

from __future__ import annotations

import json

import pytest

from tests.worker._shop import DAEMON, Memory, Shop, Sleeper
from tests.worker.conftest import ADA
from windmill_lite.engine import cancel
from windmill_lite.model import limits
from windmill_lite.model.job import Outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        ("def main(:\n    pass", "SyntaxError", "invalid syntax (script.py, line 1, column 10)"),
        ("def other(): pass", "MainNotFoundError", "script.py has no function named main"),
        ("main = 3", "MainNotFoundError", "script.py has no function named main"),
        ("", "MainNotFoundError", "script.py has no function named main"),
        (
            "def main(): return {'a': [1, object()]}",
            "NotJsonError",
            "object at $.a[1] of the result cannot be written as JSON",
        ),
        ("def main():\n  a = []\n  a.append(a)\n  return a", "NotJsonError", "refers to itself"),
        ("import os\ndef main(): os._exit(0)", "ExecutionErr", "exit code 0 and no result"),
        ("import os\ndef main(): os._exit(3)", "ExecutionErr", "exit code 3 and no result"),
        ("import os\ndef main(): os.execv('/bin/true', ['true'])", "ExecutionErr", "no result"),
        ("import os\ndef main(): os.abort()", "ExecutionErr", "killed by SIG"),
        ("def main(): return main()", "RecursionError", "maximum recursion depth exceeded"),
        ("def main(): return input()", "EOFError", ""),
        ("import missing\ndef main(): pass", "ModuleNotFoundError", "missing"),
        ("import os\ndef main(): os.write(4, b'+{')", "ExecutionErr", "not an answer"),
        ("def main(): raise BaseException('odd')", "BaseException", "odd"),
        ("def main(): return 'x' * (11 << 20)", "ResultTooLarge", "larger than 10 MiB"),
        ("def main(): return [b'\\0' * (1 << 20)] * 20", "ResultTooLarge", "larger than 10 MiB"),
    ],
)
async def test_a_script_that_is_wrong_fails_and_its_error_says_how(
    shop: Shop, code: str, name: str, message: str
) -> None:
    ended = await shop.run(code)
    assert ended.error["name"] == name, ended.error
    assert message in ended.error["message"]


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("float('nan')", "null"),
        ("[float('inf'), 1.5]", "[null,1.5]"),
        ("2 ** 64", "18446744073709551616"),
        ("'a\\0b'", '"a\\u0000b"'),
        ("'\\ud800'", '"\ufffd"'),
        ("'\\U0001f600'", '"\U0001f600"'),
        ("{'wm_labels': ['a\\0', '\\ud800', 7, '']}", '{"wm_labels":["a\\u0000","\ufffd",7,""]}'),
        ("None", "null"),
    ],
)
async def test_a_result_that_is_odd_is_stored_as_json_on_both_databases(
    shop: Shop, value: str, stored: str
) -> None:
    ended = await shop.run(f"def main(): return {value}")
    assert ended.record.outcome is Outcome.SUCCESS, ended.record.result
    assert ended.record.result == stored


async def test_a_script_may_say_itself_that_it_failed(shop: Shop) -> None:
    said = "{'wm_failure': 'the feed is empty', 'rows': 0, 'wm_labels': ['feed']}"
    record = (await shop.run(f"def main(): return {said}")).record
    told = json.loads(record.result or "")
    assert (record.outcome, record.labels) == (Outcome.FAILURE, ("feed",))
    assert told["error"] == {"name": "ManualFailure", "message": "the feed is empty"}
    assert told["rows"] == 0
    for other in ("{'wm_failure': None}", "{'wm_failure': 3}", "['wm_failure']", "'wm_failure'"):
        ended = await shop.run(f"def main(): return {other}")
        assert ended.record.outcome is Outcome.SUCCESS, other


async def test_labels_that_cannot_be_stored_are_left_out_and_the_job_succeeds(shop: Shop) -> None:
    labels = "['red', 'a\\0', 'two words', 7, '', 'red', 'x' * 101, 'a\\nb', '\u00e9']"
    ended = await shop.run(f"def main(): return {{'wm_labels': {labels}}}")
    assert sorted(ended.record.labels) == ["red", "two words", "\u00e9"]
    raw = """
    import os
    def main():
        os.write(4, b'+{"wm_labels": ["\\\\ud800", "fine"]}')
        os.close(4)
        os._exit(0)
    """
    assert (await shop.run(raw)).record.labels == ("fine",)


async def test_a_gigabyte_of_log_is_cut_in_the_middle_and_costs_little_memory(
    shop: Shop,
) -> None:
    memory = Memory()
    job_id = await shop.start(
        """
        import sys
        def main():
            line = "x" * 99 + "\\n"
            for number in range(1_000):
                sys.stdout.write(line * 10_000)
            print("the last line")
            return 1
        """
    )
    await shop.office.done(job_id, 200)
    assert memory.grown_bytes() < 50 << 20
    ended = await shop.end(job_id)
    assert ended.result == 1
    total, kept = 1_000 * 10_000 * 100 + len("the last line\n"), limits.LOG_BYTES_MAX
    marker = f"\n[… {total - kept} bytes dropped …]\n"
    assert len(ended.log) == kept + len(marker)
    assert ended.log.startswith("x" * 99 + "\n")
    assert ended.log.index(marker) == limits.LOG_BYTES_MAX // 2
    assert ended.log.endswith("\nthe last line\n")


async def test_one_endless_line_is_cut_as_any_other_log(shop: Shop) -> None:
    memory = Memory()
    job_id = await shop.start(
        """
        import os
        def main():
            for _ in range(480):
                os.write(1, b"y" * 65536)
        """
    )
    await shop.office.done(job_id)
    assert memory.grown_bytes() < 50 << 20
    ended = await shop.end(job_id)
    assert ended.result is None
    assert "bytes dropped" in ended.log
    assert len(ended.log) < limits.LOG_BYTES_MAX + 100
    assert ended.log.count("\n") == 2, "around the marker"


async def test_much_that_is_no_text_costs_no_more_than_text(shop: Shop) -> None:
    memory = Memory()
    job_id = await shop.start(
        """
        import os
        def main():
            piece = os.urandom(65536)
            for _ in range(1_600):
                os.write(1, piece)
        """
    )
    await shop.office.done(job_id, 200)
    assert memory.grown_bytes() < 50 << 20
    ended = await shop.end(job_id)
    assert "bytes dropped" in ended.log
    assert len(ended.log.encode()) <= limits.LOG_BYTES_MAX + 100


async def test_binary_output_is_shown_as_far_as_it_is_text(shop: Shop) -> None:
    ended = await shop.run(
        "import os\ndef main(): return os.write(1, b'a\\0\\xff\\xc3\\xa9\\xf0\\x9f')",
    )
    assert ended.result == 7
    assert ended.log == "a\ufffd\ufffd\u00e9\ufffd"


async def test_a_script_may_close_its_output_and_still_return(shop: Shop) -> None:
    code = "import os, sys\ndef main():\n  print('hi')\n  sys.stdout.close()\n  {}\n  return 5"
    assert (await shop.run(code.format("os.close(1); os.close(2)"))).result == 5
    ended = await shop.run(code.format("sys.stdout = None; print('nowhere')"))
    assert (ended.result, ended.log) == (5, "hi\n")


async def test_a_daemon_does_not_outlive_its_job(shop: Shop) -> None:
    sleeper = Sleeper.new()
    daemon = DAEMON.replace("{seconds}", sleeper.seconds)
    job_id = await shop.start(daemon + "def main():\n    daemon()\n    print('up', flush=True)")
    assert (await shop.end(job_id)).result is None
    assert sleeper.count == 0


async def test_a_script_that_ignores_the_request_to_end_is_ended_by_its_timeout(
    shop: Shop,
) -> None:
    sleeper = Sleeper.new()
    daemon = DAEMON.replace("{seconds}", sleeper.seconds)
    code = (
        daemon
        + """
def main():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    daemon()
    print("stubborn", flush=True)
    while True:
        time.sleep(1)
"""
    )
    timeout_s, log = 1, ""
    while not log:  # on a machine that is too busy it says nothing so soon
        ended = await shop.run(code, timeout_s=timeout_s)
        message = f"the job timed out after {timeout_s} s"
        assert ended.error == {"name": "TimeoutError", "message": message}
        assert ended.record.duration_ms is not None
        assert timeout_s * 1_000 <= ended.record.duration_ms
        assert sleeper.count == 0
        timeout_s, log = timeout_s * 2, ended.log
    assert log == "stubborn\n"


async def test_a_script_whose_process_is_stopped_is_ended_by_its_timeout(shop: Shop) -> None:
    code = """
    import os, signal
    def main():
        if os.fork():
            os.wait()
        os.kill(os.getpid(), signal.SIGSTOP)
    """
    ended = await shop.run(code, timeout_s=1)
    assert ended.error["name"] == "TimeoutError"


async def test_a_script_that_wants_too_much_memory_says_so(shop: Shop) -> None:
    ended = await shop.run("def main(): return len(bytearray(3 << 30))")
    assert ended.error["name"] == "OutOfMemory"
    assert "more memory than its limit of 2 GiB" in ended.error["message"]


async def test_a_fork_bomb_is_contained_and_other_jobs_run_meanwhile(shop: Shop) -> None:
    bomb = await shop.start(
        """
        import os, time
        def main():
            print("boom", flush=True)
            while True:
                try:
                    os.fork()
                except OSError:
                    time.sleep(0.01)
        """,
    )
    await shop.office.has_logged(bomb, "boom")
    bystander = await shop.run("def main(): return 'fine'")
    assert bystander.result == "fine"
    assert not (await shop.office.read(bomb)).completed, "they ran at the same time"
    await cancel.cancel(shop.office.world, ADA, bomb, reason="enough", force=False)
    assert (await shop.end(bomb)).record.outcome is Outcome.CANCELED

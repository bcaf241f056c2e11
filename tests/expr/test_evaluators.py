"""The children that evaluate: what they read, whom they serve, how they end."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.expr._engine import WORLD
from windmill_lite.base.errors import Unavailable
from windmill_lite.base.frozen import INHERITED
from windmill_lite.expr.evaluators import Ask, Evaluators
from windmill_lite.expr.names import Failed, Function, Known
from windmill_lite.model import limits


class Reading(Known):
    """Remembers what was read."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        object.__setattr__(self, "seen", [])

    seen: list[tuple[str, str]]

    async def member(self, name: str, key: str) -> str | None:
        self.seen.append((name, key))
        return await super().member(name, key)

    async def whole(self, name: str) -> str:
        self.seen.append((name, ""))
        return await super().whole(name)


async def test_only_what_is_touched_is_read(evaluators: Evaluators) -> None:
    names = Reading({"results": {"a": {"n": 1}, "big": "x" * 1000}, "previous_result": 1})
    assert await evaluators.evaluate("w", Ask("results.a.n + 1"), names) == 2
    assert names.seen == [("results", "a")]


async def test_steps_that_are_reached_by_turns_come_in_few_rounds(evaluators: Evaluators) -> None:
    names = Reading({"results": {f"s{n}": n for n in range(500)}})
    source = "[...Array(500).keys()].map(n => results['s' + n]).reduce((a, b) => a + b)"
    assert await evaluators.evaluate("w", Ask(source), names) == 124_750


async def test_a_failure_to_read_is_not_the_failure_of_the_expression(
    evaluators: Evaluators,
) -> None:
    class Broken(Known):
        async def member(self, name: str, key: str) -> str | None:
            raise Unavailable("the database is away")

    with pytest.raises(Unavailable, match="the database is away"):
        await evaluators.evaluate("w", Ask("results.a + 1"), Broken({"results": {}}))
    assert await evaluators.evaluate("w", Ask("1 + 1"), WORLD) == 2


async def test_expressions_leave_nothing_behind_for_the_next(evaluators: Evaluators) -> None:
    await evaluators.evaluate("w", Ask("globalThis.left = 1; return 1"), WORLD)
    await evaluators.evaluate("w", Ask("Array.prototype.map = () => 'mine'; return 1"), WORLD)
    assert await evaluators.evaluate("w", Ask("typeof left"), WORLD) == "undefined"
    assert await evaluators.evaluate("w", Ask("[1].map(x => x)"), WORLD) == [1]


async def test_workspaces_do_not_share_a_child(evaluators: Evaluators) -> None:
    await asyncio.gather(*(evaluators.evaluate(w, Ask("1 + 1"), WORLD) for w in "abcabc"))
    pool = evaluators._pool
    assert len(pool._idle) <= limits.EXPRESSION_PROCESSES_IDLE
    for workspace in "abcdefabc":
        async with pool.borrow(workspace) as lent:
            assert lent.workspace == workspace
            assert len(pool._idle) + len(pool._lent) <= limits.EXPRESSION_PROCESSES


async def test_many_at_once_wait_for_a_child(evaluators: Evaluators) -> None:
    asks = [evaluators.evaluate(f"w{n % 7}", Ask(f"{n} + 1"), WORLD) for n in range(40)]
    assert await asyncio.gather(*asks) == list(range(1, 41))


async def test_a_child_that_was_killed_is_followed_by_another(evaluators: Evaluators) -> None:
    await evaluators.evaluate("w", Ask("1 + 1"), WORLD)
    (idle,) = evaluators._pool._idle
    assert idle._launch is not None
    os.kill(idle._launch.pid, signal.SIGKILL)
    assert await evaluators.evaluate("w", Ask("1 + 1"), WORLD) == 2


async def test_a_canceled_evaluation_does_not_answer_the_next(evaluators: Evaluators) -> None:
    class Slow(Known):
        async def call(self, function: Function, path: str) -> str | Failed:
            reached.set()
            await asyncio.Event().wait()
            raise AssertionError

    reached = asyncio.Event()
    task = asyncio.ensure_future(evaluators.evaluate("w", Ask("variable('x')"), Slow({})))
    await reached.wait()
    task.cancel()
    endless = asyncio.ensure_future(evaluators.evaluate("w", Ask("while (true) {}"), WORLD))
    await _until(lambda: bool(evaluators._pool._lent))
    endless.cancel()
    await asyncio.wait([task, endless])
    assert task.cancelled()
    assert endless.cancelled()
    assert await evaluators.evaluate("w", Ask("40 + 2"), WORLD) == 42


async def test_a_stop_ends_every_child_and_tells_who_waits() -> None:
    evaluators = Evaluators()
    waiting = asyncio.ensure_future(evaluators.evaluate("w", Ask("while (true) {}"), WORLD))
    await _until(lambda: any(one.uses for one in evaluators._pool._lent))
    pids = [one._launch.pid for one in evaluators._pool._lent if one._launch is not None]
    await evaluators.stop()
    with pytest.raises(Unavailable):
        await waiting
    assert pids
    assert not any(map(_lives, pids))
    with pytest.raises(Unavailable, match="stopping"):
        await evaluators.evaluate("w", Ask("1 + 1"), WORLD)
    await evaluators.stop()


async def test_a_child_that_is_idle_for_long_ends_and_another_comes_when_it_is_asked(
    evaluators: Evaluators,
) -> None:
    for workspace in ("quiet", "busy"):
        await evaluators.evaluate(workspace, Ask("1 + 1"), WORLD)
    pool = evaluators._pool
    quiet, busy = pool._idle
    assert quiet._launch is not None
    pid = quiet._launch.pid
    quiet.idle_at_s -= limits.EXPRESSION_IDLE_S
    pool._end_quiet()
    await _until(lambda: not _lives(pid))
    assert pool._idle == [busy]
    assert pool._quiet is not None, "the other one's turn comes, too"
    assert await evaluators.evaluate("quiet", Ask("1 + 1"), WORLD) == 2


async def test_when_the_last_child_has_ended_nothing_wakes(
    evaluators: Evaluators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "EXPRESSION_IDLE_S", 0.0)
    assert await evaluators.evaluate("w", Ask("1 + 1"), WORLD) == 2
    pool = evaluators._pool
    await _until(lambda: not pool._idle and not pool._closing)
    assert pool._quiet is None


async def test_a_child_is_shut_in_and_knows_no_secret(evaluators: Evaluators) -> None:
    await evaluators.evaluate("w", Ask("1 + 1"), WORLD)
    (idle,) = evaluators._pool._idle
    assert idle._launch is not None
    process = Path(f"/proc/{idle._launch.pid}")
    status = dict(line.split(":\t", 1) for line in _lines(process / "status") if ":\t" in line)
    assert status["Seccomp"] == "2", "a filter of system calls"
    assert status["NoNewPrivs"] == "1"
    assert len(list((process / "fd").iterdir())) == 4, "three standard ones and its socket"
    names = {entry.split("=")[0] for entry in (process / "environ").read_text().split("\0")}
    assert names <= {"", *INHERITED, "LD_LIBRARY_PATH"}


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("1 + 1", None),
        ("a b", (1, 3)),
        ("1 +", (1, 4)),
        ("1) + (2", (1, 2)),
        ("}); (function () {", (1, 2)),
        ("let x = 1; return x", None),
        ("{a: 1}", None),
        ("return await variable('x')", None),
        ("let x = ;\nreturn x", (1, 9)),
        ("// nothing", None),
    ],
)
async def test_an_expression_is_parsed_without_being_run(
    evaluators: Evaluators, source: str, place: tuple[int, int] | None
) -> None:
    (found,) = await evaluators.check("w", [source])
    assert (found and (found.line, found.column)) == place
    assert found is None or found.name == "SyntaxError"


async def test_many_expressions_are_parsed_with_one_request(evaluators: Evaluators) -> None:
    sources: Sequence[str] = [f"{n} + 1" for n in range(1200)] + ["1 +", "results.a"]
    found = await evaluators.check("w", sources)
    assert [i for i, failed in enumerate(found) if failed] == [1200]
    (idle,) = evaluators._pool._idle
    assert idle.uses == 3


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


async def _until(true: Callable[[], bool]) -> None:
    """Lets others run until it is so."""
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - nothing rings when a child is lent
            await asyncio.sleep(0.001)

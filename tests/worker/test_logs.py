"""The log of one job: bounded, in order, complete between its head and its tail."""

from __future__ import annotations

import random

import pytest

from tests.worker._stage import Shaky, Stage, eventually
from tests.worker.conftest import Hiring, Office
from windmill_lite.engine import logbook
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.worker.logs import Tail


def test_the_tail_of_a_text_is_its_end_however_it_came() -> None:
    dice = random.Random(5)  # noqa: S311  (no secret)
    for _ in range(300):
        tail, said = Tail(50), ""
        for _ in range(dice.randrange(12)):
            piece = "".join(dice.choice("ab\n") for _ in range(dice.choice((0, 1, 7, 49, 50, 160))))
            said += piece
            if piece:
                tail.add(piece)
        marker = f"\n[… {len(said) - 50} characters dropped …]\n" if len(said) > 50 else ""
        assert "".join(tail.take()) == marker + said[-50:]
        assert tail.take() == []


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits at which a test need not say much."""
    monkeypatch.setattr(limits, "LOG_BATCH_BYTES_MAX", 10)
    monkeypatch.setattr(limits, "LOG_CHUNK_BYTES", 8)
    monkeypatch.setattr(limits, "LOG_FLUSH_S", 0.02)


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written, write by write."""
    found: list[str] = []
    real = logbook.append

    async def append(world: World, job_id: object, attempt: int, *, start: int, chunk: str) -> bool:
        found.append(chunk)
        return await real(world, job_id, attempt, start=start, chunk=chunk)  # type: ignore[arg-type]

    monkeypatch.setattr(logbook, "append", append)
    return found


@pytest.mark.usefixtures("small")
async def test_what_waited_is_written_in_small_batches(
    hire: Hiring, office: Office, stage: Stage, shaky: Shaky, batches: list[str]
) -> None:
    await hire()
    job_id = await office.push()
    act = await stage.next()
    shaky.away = True
    said = "".join(f"line {n}\n" for n in range(20))
    act.say(said.encode())
    await eventually(lambda: _refused(shaky))
    shaky.away = False
    act.succeed()
    await office.done(job_id)
    assert await office.log(job_id) == said
    assert len(batches) > 10
    assert all(0 < len(batch) <= 10 for batch in batches)


@pytest.mark.usefixtures("small")
async def test_a_log_at_its_limit_keeps_its_head_and_its_tail(
    hire: Hiring,
    office: Office,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "LOG_HEAD_BYTES", 12)
    monkeypatch.setattr("windmill_lite.worker.logs.TAIL_CHARS", 9)
    await hire()
    job_id = await office.push()
    act = await stage.next()
    for letter in "abcdefghij":
        act.say(letter.encode() * 10)
    await office.has_logged(job_id, "a" * 10 + "bb")
    act.succeed()
    await office.done(job_id)
    said = await office.log(job_id)
    assert said == "a" * 10 + "bb" + "\n[… 79 characters dropped …]\n" + "j" * 9


async def test_a_short_job_writes_its_log_with_its_outcome(
    hire: Hiring, office: Office, stage: Stage, batches: list[str]
) -> None:
    await hire()
    job_id = await office.push()
    act = await stage.next()
    act.say(b"hello\n")
    act.succeed()
    await office.done(job_id)
    assert await office.log(job_id) == "hello\n"
    assert batches == [], "nothing was written before it"


async def _refused(shaky: Shaky) -> bool:
    return shaky.refused > 0

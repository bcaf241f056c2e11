"""The log of one job: bounded, in order, complete between its head and its tail."""

from __future__ import annotations

import random
import tracemalloc

import pytest

from tests.worker._stage import Shaky, Stage, eventually
from tests.worker.conftest import Hiring, Office
from windmill_lite.engine import logbook
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import Finished, Outcome
from windmill_lite.model.retry import Constant, RetryPolicy
from windmill_lite.worker.logs import Tail


def test_the_tail_of_a_text_is_its_end_however_it_came() -> None:
    dice = random.Random(5)  # noqa: S311  (no secret)
    for _ in range(300):
        tail, said = Tail(50), b""
        for _ in range(dice.randrange(12)):
            letters = dice.choice(("ab\n", "aé", "é€😀"))
            size = dice.choice((0, 1, 7, 49, 50, 160))
            piece = "".join(dice.choice(letters) for _ in range(size)).encode()
            said += piece
            if piece:
                tail.add(piece)
        kept = said[-50:].decode(errors="ignore")  # the half of a character goes, too
        dropped = len(said) - len(kept.encode())
        marker = f"\n[… {dropped} bytes dropped …]\n" if dropped else ""
        assert "".join(tail.take()) == marker + kept
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
    monkeypatch.setattr(limits, "LOG_BYTES_MAX", 24)
    monkeypatch.setattr(limits, "LOG_ATTEMPT_BYTES", 8)
    await hire()
    job_id = await office.push()
    act = await stage.next()
    for letter in "abcdefghij":
        act.say(letter.encode() * 10)
    await office.has_logged(job_id, "a" * 10 + "bb")
    act.succeed()
    await office.done(job_id)
    said = await office.log(job_id)
    assert said == "a" * 10 + "bb" + "\n[… 76 bytes dropped …]\n" + "i" * 2 + "j" * 10


@pytest.mark.usefixtures("small")
async def test_a_character_at_the_edge_of_what_is_kept_is_dropped_whole(
    hire: Hiring, office: Office, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LOG_BYTES_MAX", 20)
    monkeypatch.setattr(limits, "LOG_ATTEMPT_BYTES", 8)
    await hire()
    job_id = await office.push()
    act = await stage.next()
    for byte in "😀😀😀😀😀😀€".encode():
        act.say(bytes([byte]))  # characters come in pieces
    act.succeed()
    await office.done(job_id)
    assert await office.log(job_id) == "😀😀\n[… 12 bytes dropped …]\n😀€"


@pytest.mark.usefixtures("small")
async def test_all_attempts_of_a_job_share_the_room_of_its_log(
    hire: Hiring, office: Office, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LOG_BYTES_MAX", 60)
    monkeypatch.setattr(limits, "LOG_ATTEMPT_BYTES", 8)
    await hire()
    job_id = await office.push(retry=RetryPolicy(constant=Constant(2, 0)))
    for letter in (b"A", b"B", b"C"):
        act = await stage.next()
        act.say(letter * 1_000)
        act.finish(Finished(Outcome.FAILURE, '{"error": {"name": "E", "message": ""}}'))
    await office.done(job_id)
    log = await office.log(job_id)
    assert [log.count(letter) for letter in "ABC"] == [60, 8, 8]
    assert "BBBB\n[… 992 bytes dropped …]\nBBBB" in log


@pytest.mark.usefixtures("small")
async def test_what_is_no_text_is_bounded_by_what_is_stored_of_it(
    hire: Hiring, office: Office, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LOG_BYTES_MAX", 24)
    monkeypatch.setattr(limits, "LOG_ATTEMPT_BYTES", 8)
    await hire()
    job_id = await office.push()
    act = await stage.next()
    for _ in range(50):
        act.say(b"\xff\0")
    act.succeed()
    await office.done(job_id)
    head, _, tail = (await office.log(job_id)).partition("\n[…")
    assert (head, tail.partition("…]\n")[2]) == ("\ufffd" * 4, "\ufffd" * 4)


def test_small_pieces_cost_little_more_than_their_bytes() -> None:
    tail, many = Tail(1 << 20), 300_000
    tracemalloc.start()
    for _ in range(many):
        tail.add(b"xy")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * 2 * many
    assert "".join(tail.take()) == "xy" * many


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

"""Results that are told while they are made."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worker._stage import Shaky, Stage, eventually
from tests.worker.conftest import ADA, Hiring, Office
from windmill_lite.model import limits
from windmill_lite.model.job import Finished, Outcome
from windmill_lite.store.people import jobs
from windmill_lite.worker.runner import Interrupted
from windmill_lite.worker.streams import Divided

OUTPUT = (
    b"WM_STREAM: one\\n\nhello\nWM_STREAM: two\\\\n\n WM_STREAM: no\nWM_STREAMS\n\nWM_\n"
    b"x WM_STREAM: no\nWM_STREAM: \nWM_STREAM: th\xc3\xa9ree\\x\nWM_STREAM: end\\"
)


def divided(pieces: list[bytes]) -> tuple[bytes, bytes]:
    log, stream = bytearray(), bytearray()
    division = Divided(log.extend, stream.extend)
    for piece in pieces:
        division.feed(piece)
    division.end()
    return bytes(log), bytes(stream)


def test_lines_with_the_mark_are_the_stream_and_all_others_the_log() -> None:
    log, stream = divided([OUTPUT])
    assert log == b"hello\n WM_STREAM: no\nWM_STREAMS\n\nWM_\nx WM_STREAM: no\n"
    assert stream == b"one\ntwo\\\nth\xc3\xa9ree\\xend\\"


@given(st.lists(st.integers(min_value=0, max_value=len(OUTPUT))))
def test_wherever_the_output_is_cut_it_is_divided_alike(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(OUTPUT)]
    pieces = [OUTPUT[a:b] for a, b in itertools.pairwise(places)]
    assert divided(pieces) == divided([OUTPUT])


def test_no_line_of_a_log_waits_for_what_comes_after_it() -> None:
    log = bytearray()
    division = Divided(log.extend, lambda _: None)
    for piece in (b"a line\n", b"half a l", b"ine\nWM_ST"):
        division.feed(piece)
    assert log == b"a line\nhalf a line\n"


async def streamed(office: Office, job_id: object, offset: int = 0) -> str:
    async with office.world.db.view() as view:
        said = await jobs.said(view, ADA, job_id, log_from=None, stream_from=offset)  # type: ignore[arg-type]
    assert said is not None
    return said.stream


async def test_what_a_script_streams_is_read_while_it_runs_and_is_its_result(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await office.push()
    act = await stage.next()
    act.say(b"WM_STREAM: once \nlogged\nWM_STREAM: upon\\")

    async def heard() -> bool:
        return await streamed(office, job_id) == "once upon"

    await eventually(heard)
    assert not (await office.read(job_id)).completed
    assert await streamed(office, job_id, 5) == "upon"
    act.say(b"n a time\n")
    act.succeed()
    assert json.loads((await office.done(job_id)).result or "") == "once upon\n a time"
    assert await streamed(office, job_id) == "once upon\n a time"
    assert await office.log(job_id) == "logged\n"


@pytest.mark.parametrize(
    ("returned", "result"),
    [({"a": 1}, {"a": 1, "wm_stream": "x"}), (None, "x"), ("x", "x"), ([1], "x")],
)
async def test_an_object_that_main_returns_carries_the_stream(
    hire: Hiring, office: Office, stage: Stage, returned: object, result: object
) -> None:
    await hire()
    job_id = await office.push()
    act = await stage.next()
    act.say(b"WM_STREAM: x\n")
    act.succeed(returned)
    assert json.loads((await office.done(job_id)).result or "") == result


async def test_the_stream_of_a_further_attempt_goes_on_and_the_result_is_its_own(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await office.push()
    act = await stage.next()
    act.say(b"WM_STREAM: first \n")
    act.fail(Interrupted("the cell broke"))
    again = await stage.next()
    again.say(b"WM_STREAM: second\n")
    again.succeed()
    assert json.loads((await office.done(job_id)).result or "") == "second"
    assert await streamed(office, job_id) in ("first second", "second")


async def test_a_stream_above_its_ceiling_is_shown_so_far_and_whole_in_the_result(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await office.push()
    act = await stage.next()
    piece = b"x" * 1_000_000
    for _ in range(3):
        act.say(b"WM_STREAM: " + piece + b"\n")
    act.succeed()
    assert len(json.loads((await office.done(job_id)).result or "")) == 3_000_000
    assert len(await streamed(office, job_id)) == limits.STREAM_CHARS_MAX


async def test_a_streamed_result_that_is_too_large_fails_its_job(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await office.push()
    act = await stage.next()
    for _ in range(11):
        act.say(b"WM_STREAM: " + b"x" * 1024**2 + b"\n")
    act.succeed()
    record = await office.done(job_id)
    assert record.outcome is Outcome.FAILURE
    assert json.loads(record.result or "")["error"]["name"] == "ResultTooLarge"


async def test_a_failure_stays_a_failure_whatever_was_streamed(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await office.push()
    act = await stage.next()
    act.say(b"WM_STREAM: x\n")
    act.finish(Finished(Outcome.FAILURE, '{"error": {"name": "No"}}'))
    assert (await office.done(job_id)).result == '{"error": {"name": "No"}}'


async def test_a_database_that_is_away_costs_the_stream_and_not_the_result(
    hire: Hiring, office: Office, stage: Stage, shaky: Shaky
) -> None:
    await hire()
    job_id = await office.push()
    act = await stage.next()
    shaky.away = True
    act.say(b"WM_STREAM: told in the dark\n")

    async def refused() -> bool:
        return shaky.refused > 0

    await eventually(refused)
    shaky.away = False
    act.succeed()
    assert json.loads((await office.done(job_id)).result or "") == "told in the dark"

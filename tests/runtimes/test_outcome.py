"""What an exit means for its job."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.cell import Cell, Exit, Limits, Reason
from windmill_lite.runtimes.outcome import Failure, Success, outcome_of, size

CELL = Cell(
    id="1",
    env={},
    request=b"",
    limits=Limits(memory_bytes=2 << 30),
    timeout_s=1.5,
    result_bytes_max=(10 << 20) + 1,
)


def outcome(reason: Reason = "exited", **fields: Any) -> Success | Failure:
    return outcome_of(CELL, Exit(reason=reason, level="namespaces", **fields))


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b'+{"a":1}', '{"a":1}'),
        (b"+null", "null"),
        ('+"ü\\u0000"'.encode(), '"ü\\u0000"'),
        (b"+ [1, 2]", " [1, 2]"),
    ],
)
def test_a_result_is_passed_on_as_it_is(answer: bytes, text: str) -> None:
    assert outcome(code=0, result=answer) == Success(text)


def test_a_failure_has_its_name_message_and_stack() -> None:
    answer = b'-{"name":"ValueError","message":"no","stack":"line 3","more":1}'
    expected = {"name": "ValueError", "message": "no", "stack": "line 3"}
    assert outcome(code=0, result=answer) == Failure(expected)


def test_a_failure_without_a_stack_has_none() -> None:
    answer = b'-{"name":"TypeError","message":"","stack":""}'
    assert outcome(code=0, result=answer) == Failure({"name": "TypeError", "message": ""})


@pytest.mark.parametrize(
    "answer",
    [
        b"garbage",
        b"+",
        b"+{",
        b"+1 2",
        b"+1+1",
        b"+NaN",
        b"+[Infinity]",
        b"+\xff",
        b'+"\xed\xa0\x80"',
        b"-1",
        b"-{}",
        b'-{"name":1,"message":"x"}',
        b'-{"name":"x","message":["y"]}',
        b"?{}",
        b"+" + b"[" * 100_000,
    ],
)
def test_an_answer_that_is_garbage_is_an_error(answer: bytes) -> None:
    end = outcome(code=0, result=answer)
    assert isinstance(end, Failure)
    assert end.error["name"] == "ExecutionErr"
    assert "file descriptor 4" in end.error["message"]
    assert not end.ours


@pytest.mark.parametrize(
    ("fields", "name", "message"),
    [
        ({"reason": "timeout"}, "TimeoutError", "the job timed out after 1.5 s"),
        ({"reason": "canceled"}, "Canceled", "the job was canceled"),
        (
            {"reason": "killed", "signal": 11},
            "ExecutionErr",
            "the process was killed by SIGSEGV",
        ),
        (
            {"reason": "killed", "signal": 9, "detail": "it used 1 s of processor time, its limit"},
            "ExecutionErr",
            "the process was killed by SIGKILL: it used 1 s of processor time, its limit",
        ),
        ({"reason": "killed", "signal": 40}, "ExecutionErr", "the process was killed by signal 40"),
        (
            {"reason": "memory", "detail": "too much"},
            "OutOfMemory",
            "the script needed more memory than its limit of 2 GiB: too much",
        ),
        (
            {"code": 3},
            "ExecutionErr",
            "the script ended with exit code 3 and no result",
        ),
        (
            {"code": 3, "result": b"+1"},
            "ExecutionErr",
            "the script ended with exit code 3 after its answer, which is not trusted",
        ),
        (
            {"code": 0},
            "ExecutionErr",
            "the script ended its process with exit code 0 and no result",
        ),
        (
            {"code": 0, "result_too_large": True},
            "ResultTooLarge",
            "the result is larger than 10 MiB, the limit",
        ),
    ],
)
def test_every_other_end_is_told(fields: dict[str, Any], name: str, message: str) -> None:
    end = outcome(**fields)
    assert isinstance(end, Failure)
    assert (end.error["name"], end.error["message"], end.ours) == (name, message, False)


def test_a_memory_error_of_the_script_names_the_limit_and_keeps_the_stack() -> None:
    answer = b'-{"name":"MemoryError","message":"","stack":"line 3"}'
    assert outcome(code=0, result=answer) == Failure(
        {
            "name": "OutOfMemory",
            "message": "the script needed more memory than its limit of 2 GiB",
            "stack": "line 3",
        }
    )


def test_a_broken_cell_is_not_the_scripts_fault() -> None:
    end = outcome("broken", detail="the fork server died")
    assert isinstance(end, Failure)
    assert end.ours
    assert "the fork server died" in end.error["message"]


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "1 bytes"), (1536, "1.5 KiB"), (10 << 20, "10 MiB"), (3 << 40, "3072 GiB")],
)
def test_sizes_are_read_by_people(count: int, text: str) -> None:
    assert size(count) == text


def test_a_cell_that_the_guard_ended_is_not_the_scripts_fault() -> None:
    end = outcome("guard", signal=9)
    assert isinstance(end, Failure)
    assert end.ours
    assert end.error["message"] == "its worker was out of contact for too long"


@pytest.mark.parametrize("fields", [{"code": 2}, {"reason": "killed", "signal": 4}])
def test_a_program_that_ended_near_its_memory_limit_says_how_much_it_held(
    fields: dict[str, Any],
) -> None:
    near, far = (outcome(**fields, memory_peak_bytes=part << 20) for part in (2000, 500))
    assert isinstance(near, Failure)
    assert isinstance(far, Failure)
    held = "; it held 1.953 GiB of memory, and 2 GiB are its limit"
    assert near.error["message"] == far.error["message"] + held

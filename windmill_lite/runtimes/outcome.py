"""From the Exit of a cell to what the job has to say: a result or an error.

Pure. The bytes a cell leaves on descriptor 4 are written by a stranger: everything is checked.
"""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass
from typing import Any, Final

from sandbox.cell import Cell, Exit

_KEYS: Final = ("name", "message", "stack")
_MUCH: Final = 0.45  # of its memory limit, which counts what is reserved, too; less is no reason
_GARBLED: Final = "what the script wrote to file descriptor 4 is not an answer of its wrapper"


@dataclass(frozen=True, slots=True)
class Success:
    """The script returned; `result_json` is strict JSON that encodes to UTF-8."""

    result_json: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The script failed, or was ended: "name" and "message", and "stack" if there is one.

    `ours` is true when the script is not to blame: its cell broke, and the job may be run again.
    """

    error: dict[str, str]
    ours: bool = False


def outcome_of(cell: Cell, end: Exit) -> Success | Failure:
    """What the exit of `cell` means for its job."""
    match end.reason:
        case "timeout":
            return _failure("TimeoutError", f"the job timed out after {cell.timeout_s:g} s")
        case "canceled":
            return _failure("Canceled", "the job was canceled")
        case "broken":
            return _failure("ExecutionErr", f"the job could not be run: {end.detail}", ours=True)
        case "guard":
            return _failure("ExecutionErr", "its worker was out of contact for too long", ours=True)
        case "memory":
            return _out_of_memory(cell, end.detail)
        case "killed":
            return _failure("ExecutionErr", _killed(end) + _held(cell, end))
        case "exited":
            return _exited(cell, end)


def _exited(cell: Cell, end: Exit) -> Success | Failure:
    if end.result_too_large:
        limit = size(cell.result_bytes_max - 1)
        return _failure("ResultTooLarge", f"the result is larger than {limit}, the limit")
    if end.code != 0:
        result = "and no result" if end.result is None else "after its answer, which is not trusted"
        how = f"the script ended with exit code {end.code} {result}{_held(cell, end)}"
        return _failure("ExecutionErr", how)
    if end.result is None:
        return _failure(
            "ExecutionErr", "the script ended its process with exit code 0 and no result"
        )
    return _answer(cell, end.result)


def _answer(cell: Cell, answer: bytes) -> Success | Failure:
    mark, body = answer[:1], answer[1:]
    try:
        text = body.decode()
        value = _decoder.decode(text)
        text.encode()
    except (ValueError, RecursionError) as error:
        return _failure("ExecutionErr", f"{_GARBLED}: {str(error)[:200]}")
    if mark == b"+":
        return Success(text)
    if mark == b"-" and isinstance(value, dict) and _is_error(value):
        told = {"name": "Error", "message": ""} | {k: value[k] for k in _KEYS if value.get(k)}
        if told["name"] == "MemoryError":
            return _out_of_memory(cell, told["message"], told.get("stack", ""))
        return Failure(told)
    return _failure("ExecutionErr", _GARBLED)


def _is_error(value: dict[str, Any]) -> bool:
    return "name" in value and all(isinstance(value.get(key, ""), str) for key in _KEYS)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse)


def _out_of_memory(cell: Cell, detail: str, stack: str = "") -> Failure:
    limit = size(cell.limits.memory_bytes)
    message = f"the script needed more memory than its limit of {limit}"
    error = {"name": "OutOfMemory", "message": f"{message}: {detail}" if detail else message}
    return Failure(error | ({"stack": stack} if stack else {}))


def _killed(end: Exit) -> str:
    assert end.signal is not None, "a killed cell names its signal"
    try:
        name = signal.Signals(end.signal).name
    except ValueError:
        name = f"signal {end.signal}"
    return f"the process was killed by {name}" + (f": {end.detail}" if end.detail else "")


def _held(cell: Cell, end: Exit) -> str:
    """A program that cannot get memory ends in its own way; what it held by then says why."""
    limit = cell.limits.memory_bytes
    if end.memory_peak_bytes < _MUCH * limit:
        return ""
    return f"; it held {size(end.memory_peak_bytes)} of memory, and {size(limit)} are its limit"


def _failure(name: str, message: str, *, ours: bool = False) -> Failure:
    return Failure({"name": name, "message": message}, ours=ours)


def size(count: int) -> str:
    """Bytes as a person reads them: "10 MiB"."""
    value = float(count)
    for unit in ("bytes", "KiB", "MiB"):
        if value < 1024:
            return f"{value:.4g} {unit}"
        value /= 1024
    return f"{value:.4g} GiB"

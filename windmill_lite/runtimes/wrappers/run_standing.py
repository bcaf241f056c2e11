"""A script whose process is kept: loaded once, its main called for every question.

Questions and answers are frames on descriptor 4, see "The wrapper protocol" in runtimes/base.py.
What the script keeps in its module, in its files and in its threads is there at the next question.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from .run_failures import describe, exit_code  # noqa: TID252
from .run_results import encode  # noqa: TID252

_HEAD_BYTES: Final = 4
Function = Callable[..., object]


@dataclass(frozen=True)
class Script:
    """How a script is loaded, and its main called with arguments; `flush` empties its streams."""

    path: str
    load: Callable[[], Function]
    call: Callable[[Function, dict[str, Any]], object]
    flush: Callable[[], None]
    result_bytes_max: int


def serve(fd: int, script: Script) -> None:
    """Answer until the other side is gone; never raises for what the script does."""
    born_as = os.getpid()
    function: Function | None = None
    while (question := _frame(fd)) is not None:
        order = json.loads(question)
        os.environ.update(order["env"])
        _forget_clients()
        before_s = _cpu_s()
        failure: BaseException | None = None
        try:
            if function is None:
                function = script.load()
            answer = b"+" + encode(script.call(function, order["args"]))
        except BaseException as error:  # noqa: BLE001 - whatever ends a script is its outcome
            failure = error
            answer = b"-" + encode(describe(error, script.path))
        if os.getpid() != born_as:
            # A child the script forked came back here: it is not the one that answers.
            script.flush()
            os._exit(exit_code(failure))
        if len(answer) > script.result_bytes_max:
            answer = b"!"
        over = function is None or isinstance(failure, MemoryError) or _ends(failure)
        script.flush()
        used = {"cpu_s": _cpu_s() - before_s, "peak_bytes": _peak_bytes(), "over": over}
        head = json.dumps({"nonce": order["nonce"], **used}).encode()
        _write(fd, head + b"\n" + answer)
        if over:
            return


def _ends(failure: BaseException | None) -> bool:
    """Whether it would have ended the process: sys.exit, an interrupt."""
    return failure is not None and not isinstance(failure, Exception)


def _forget_clients() -> None:
    """The client of the API remembers the token of the run it was made in."""
    module = sys.modules.get("wmill.client") or sys.modules.get("wmill")
    if getattr(module, "_client", None) is not None:
        module._client = None  # type: ignore[union-attr]  # noqa: SLF001 - its own global


def _cpu_s() -> float:
    own, others = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def _peak_bytes() -> int:
    """Of the process, since it began."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _frame(fd: int) -> bytes | None:
    head = _read(fd, _HEAD_BYTES)
    return None if head is None else _read(fd, int.from_bytes(head, "little"))


def _read(fd: int, size: int) -> bytes | None:
    parts: list[bytes] = []
    while size > 0:
        part = os.read(fd, min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _write(fd: int, body: bytes) -> None:
    view = memoryview(len(body).to_bytes(_HEAD_BYTES, "little") + body)
    while view:
        view = view[os.write(fd, view) :]

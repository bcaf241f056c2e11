"""Bash: runs a script in a child of the warm process, and finds its result or its failing line.

The result is `./result.json`, else the text of `./result.out`, else the last line of standard
output that is not blank, as a string; nothing at all is null. Output and error output come through
two pipes, so a line of one and a line of the other written within microseconds may change places.
What the script leaves running is not waited for.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import select
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

_PIECE_BYTES: Final = 64 << 10
_REST_BYTES_MAX: Final = 1 << 20  # a pipe holds no more
_TAIL_BYTES: Final = 8 << 10
_STACK_LINES: Final = 10
_COMMAND_CHARS: Final = 200
_RECORD: Final = ".bash-failed"
_PRELUDE: Final = ".bash-prelude"
# Read by bash before the script. A script that sets the same traps replaces ours: then the line is
# looked for in what bash itself complained about.
_ENDED_BY_BASH: Final = ("syntax error", "unbound variable")  # without a trap
_TRAPS: Final = (
    "unset BASH_ENV\n"
    'trap \'printf "%s %s" "$LINENO" "$BASH_COMMAND" >"{record}"\' ERR\n'
    'trap \'printf "%s %s" - "$BASH_COMMAND" >"{record}.exit"\' EXIT\n'
)


class Tail:
    """The last line that is not blank, and the last bytes, of what went by."""

    def __init__(self, line_bytes_max: int) -> None:
        self._max = line_bytes_max
        self._last = b""
        self._open = bytearray()  # a line without its end yet
        self.bytes = b""

    def feed(self, piece: bytes) -> None:
        self.bytes = (self.bytes + piece)[-_TAIL_BYTES:]
        head, newline, rest = piece.rpartition(b"\n")
        if not newline:
            self._open += rest[: self._max - len(self._open)]
            return
        whole = bytes(self._open) + head
        found = next((line for line in reversed(whole.split(b"\n")) if line.strip()), b"")
        self._last = found[: self._max] or self._last
        self._open = bytearray(rest[: self._max])

    @property
    def line(self) -> bytes:
        return bytes(self._open) if self._open.strip() else self._last


def answer(order: dict[str, Any]) -> tuple[bool, str]:
    """Whether the script succeeded, and its result or the error object as JSON text."""
    output, errors = Tail(order["result_bytes_max"]), Tail(_TAIL_BYTES)
    place = os.environ["TMPDIR"]
    try:
        code = _run(order, place, output, errors)
    except (OSError, ValueError) as error:
        return False, json.dumps(_not_started(error, order["args"]))
    if code != 0:
        return False, json.dumps(_failure(code, order, place, errors.bytes))
    try:
        return True, _result(output.line, order["result_bytes_max"])
    except OSError as error:
        message = f"{error.filename} cannot be read: {error.strerror}"
    except (ValueError, RecursionError) as error:
        message = f"result.json is not JSON: {error}"
    return False, json.dumps({"name": "ResultError", "message": message})


def _run(order: dict[str, Any], place: str, output: Tail, errors: Tail) -> int:
    record = f"{place}/{_RECORD}"
    prelude = f"{place}/{_PRELUDE}"
    Path(prelude).write_text(_TRAPS.format(record=record))
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    out, their_out = os.pipe2(os.O_CLOEXEC)
    err, their_err = os.pipe2(os.O_CLOEXEC)
    child = subprocess.Popen(
        ["bash", order["path"], *order["args"]],  # noqa: S607
        stdin=subprocess.DEVNULL,
        stdout=their_out,
        stderr=their_err,
        env={**os.environ, "BASH_ENV": prelude},
    )
    os.close(their_out)
    os.close(their_err)
    _follow(child, woken, {out: (1, output.feed), err: (2, errors.feed)})
    return child.wait()


_Sinks = dict[int, tuple[int, Callable[[bytes], None]]]


def _follow(child: subprocess.Popen[bytes], woken: int, sinks: _Sinks) -> None:
    """Pass on what comes until the script ends; then what is left in the pipes."""
    poll = select.poll()
    for fd in (woken, *sinks):
        os.set_blocking(fd, False)
        poll.register(fd, select.POLLIN)
    while True:
        ended = child.poll() is not None  # before the last look: nothing comes after it
        ready = [fd for fd, _ in poll.poll(0 if ended else None)]
        for fd in ready:
            if fd == woken:
                with contextlib.suppress(BlockingIOError):
                    os.read(woken, 512)
            elif not _pass(fd, *sinks[fd], limit=_REST_BYTES_MAX if ended else _PIECE_BYTES):
                poll.unregister(fd)
        if ended:
            return


def _pass(fd: int, target: int, feed: Callable[[bytes], None], *, limit: int) -> bool:
    """False at the end of the pipe."""
    while limit > 0:
        try:
            piece = os.read(fd, _PIECE_BYTES)
        except BlockingIOError:
            return True
        if not piece:
            return False
        feed(piece)
        limit -= len(piece)
        view = memoryview(piece)
        while view:
            view = view[os.write(target, view) :]
    return True


def _result(line: bytes, bytes_max: int) -> str:
    """The text of one JSON value; of one that is too large as much as shows it."""
    with contextlib.suppress(FileNotFoundError):
        raw = _left("result.json", bytes_max + 1)
        if len(raw) > bytes_max:
            return raw.decode(errors="replace")
        text = raw.decode()
        json.loads(text)
        return text
    with contextlib.suppress(FileNotFoundError):
        raw = _left("result.out", bytes_max + 1)
        return json.dumps(raw.decode(errors="replace").strip())
    text = line.decode(errors="replace").rstrip("\r")
    return json.dumps(text, ensure_ascii=False) if text else "null"


def _left(name: str, bytes_max: int) -> bytes:
    """How a file begins that the script has left. Fails: OSError, also for what is no file: a named
    pipe would be waited for, and a device never ends.
    """
    fd = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "it is no file", name)
    with open(fd, "rb") as file:  # noqa: PTH123 - a descriptor
        return file.read(bytes_max)


def _not_started(error: OSError | ValueError, args: list[str]) -> dict[str, str]:
    if isinstance(error, ValueError):
        message = f"an argument cannot be passed to a program: {error}"
        return {"name": "ArgumentError", "message": message}
    if error.errno == errno.E2BIG:
        largest = max((len(arg.encode()) for arg in args), default=0)
        message = (
            "the arguments are larger than the system passes to a program (one at most 128 KiB); "
            f"the largest has {largest} bytes"
        )
        return {"name": "ArgumentError", "message": message}
    return {"name": "ExecutionErr", "message": f"bash cannot be started: {error.strerror}"}


def _failure(code: int, order: dict[str, Any], place: str, errors: bytes) -> dict[str, str]:
    path = order["path"]
    said = errors.decode(errors="replace").strip().splitlines()[-_STACK_LINES:]
    line, command = _where(place, order["code"].splitlines(), path, said)
    at = f" at line {line}" if line else ""
    what = f": {command}" if command else ""
    if code < 0:
        how = f"the script was killed by {signal.Signals(-code).name}"
    else:
        how = f"exit code {code}"
    place_line = [f"{path}, line {line}", f"    {command}"] if line else []
    return {
        "name": "ExecutionErr",
        "message": f"{how}{at}{what}",
        "stack": "\n".join([*place_line, *said]),
    }


def _where(place: str, script: list[str], path: str, said: list[str]) -> tuple[int, str]:
    """Line and command of the failure; 0 and "" where nobody knows."""
    complaint = _complaint(path, said)
    if complaint is not None and any(word in complaint[1] for word in _ENDED_BY_BASH):
        return complaint
    last, failed = _record(f"{place}/{_RECORD}.exit"), _record(f"{place}/{_RECORD}")
    if last is not None and (failed is None or last[1] != failed[1]):
        # The end has a command and no line: `exit 3`, or what ended a function under `set -e`.
        first = last[1].splitlines()[0] if last[1] else ""
        lines = [number for number, text in enumerate(script, 1) if first and first in text]
        if len(lines) == 1:
            return lines[0], _shortened(last[1])
    if failed is not None and failed[0]:
        return failed[0], _shortened(failed[1])
    return complaint or (0, "")


def _complaint(path: str, said: list[str]) -> tuple[int, str] | None:
    """The last thing that bash itself had to say about the script."""
    pattern = re.compile(re.escape(path) + r": line (\d+): (.*)")
    found = next((match for text in reversed(said) if (match := pattern.match(text))), None)
    return (int(found[1]), _shortened(found[2])) if found else None


def _record(file: str) -> tuple[int, str] | None:
    try:
        number, _, command = Path(file).read_text(errors="replace").partition(" ")
    except OSError:
        return None
    return (int(number) if number.isdigit() else 0), command


def _shortened(command: str) -> str:
    return command if len(command) <= _COMMAND_CHARS else f"{command[:_COMMAND_CHARS]}..."

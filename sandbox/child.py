"""From the fork to the first line of the cell: descriptors, walls, environment, then the work.

The payload is read only when the child is shut in, so it never enters the fork server's memory,
which every later cell inherits. Payload, byte by byte: one line of JSON {"env", "argv" or null,
"files": [[name, length]...]}, a newline, the files one after another, the request to the end.

It comes in a pipe that is closed already when it fits into one, else in a memory file.

Descriptors of the cell: 0 nothing (or the request, for a command), 1 and 2 output, 3 closed, 4
result.
"""

from __future__ import annotations

# Names and not modules: to look something up in one that was not asked for it before is to write to
# three pages, for each name. And of `_signal`, as enumerations cost a child seventy.
import contextlib
import importlib
import json
import os
import signal
import sys
import traceback
from _signal import (  # type: ignore[import-not-found]
    SIG_UNBLOCK,
    SIGCHLD,
    SIGKILL,
    pthread_sigmask,
)
from collections.abc import Mapping, Sequence
from functools import partial
from os import close, dup2, putenv, read, setsid
from pathlib import Path
from typing import Any, Final, NoReturn

from sandbox import process
from sandbox.cell import PIPE_BYTES
from sandbox.forks import give_back
from sandbox.kernel.descriptors import close_from
from sandbox.kernel.syscalls import die_with_parent
from sandbox.room import CONTROL_FD, Order, Room, inside, shut_in

REQUEST_FD: Final = 3
RESULT_FD: Final = 4
_BROKEN: Final = 70
_OF_CHILDREN: Final = (SIGCHLD,)
#: As short a way as there is: whatever a child calls for the first time is copied for it.
_READ: Final = json.JSONDecoder().raw_decode
#: What `os.environ` knows by.
_ENVIRONMENT: Final[dict[bytes, bytes]] = os.environ._data  # type: ignore[attr-defined]  # noqa: SLF001
_FILES: Final = (sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())
#: Imported by the check: modules of the runtime that are files of their own, or need some.
_CHECKED: Final = ("_sqlite3", "_decimal", "encodings.idna", "zoneinfo", "wave")


def be_cell(room: Room, order: Order, fds: Sequence[int], control: int) -> NoReturn:
    """Everything a fresh child does; never returns to the server's loop."""
    try:
        pthread_sigmask(SIG_UNBLOCK, _OF_CHILDREN)
        give_back(room.menders)
        alone = room.level == "namespaces"
        _arrange(fds, control, held=() if alone else room.held)
        if alone:
            die_with_parent(SIGKILL)
            _work(room, order)
        user = room.user_of(order.slot)
        process.supervise(partial(_work, room, order), held=room.held, user=user)
    except BaseException:  # noqa: BLE001 - nothing may return to the loop
        traceback.print_exc()
        os._exit(_BROKEN)


def _arrange(fds: Sequence[int], control: int, *, held: Sequence[int]) -> None:
    """The few descriptors a cell has, at their numbers; all others closed but those `held`."""
    request, result, output = fds  # all above those numbers, see `clear_low`
    dup2(output, 1)
    dup2(output, 2)
    dup2(request, REQUEST_FD, inheritable=False)
    dup2(result, RESULT_FD, inheritable=False)
    dup2(control, CONTROL_FD, inheritable=False)
    close_from(CONTROL_FD + 1, held)


def _work(room: Room, order: Order) -> NoReturn:
    try:
        setsid()
        directory = shut_in(room, order)
        if order.check:
            os.write(RESULT_FD, _complaint(room).encode())
            os._exit(0)
        argv, request = _unpack(directory, private_tmp=room.level == "namespaces")
    except BaseException as error:  # noqa: BLE001 - the same
        _tell_broken(order, error)
    close(CONTROL_FD)
    if argv is not None:
        _execute(argv)
    room.imports.settle(directory)
    room.run(request, RESULT_FD)
    os._exit(0)


def _tell_broken(order: Order, error: BaseException) -> NoReturn:
    kind = "" if isinstance(error, OSError) else f"{type(error).__name__}: "
    text = f"the cell could not be made: {kind}{error}"[:1000]
    with contextlib.suppress(OSError):
        os.write(CONTROL_FD, json.dumps({"broken": order.number, "detail": text}).encode())
    os._exit(_BROKEN)


def _unpack(directory: str, *, private_tmp: bool) -> tuple[list[str] | None, bytes]:
    """Lay the files, set the environment; argv and the request remain."""
    first, _, payload = _read_all().partition(b"\n")
    head: dict[str, Any] = _READ(first.decode())[0]
    at = 0
    for name, length in head["files"]:
        if "/" in inside(name):
            Path(name).parent.mkdir(parents=True, exist_ok=True)
        with open(name, "xb") as file:  # noqa: PTH123 - on the path of every job
            file.write(memoryview(payload)[at : at + length])
        at += length
    temporary = "/tmp" if private_tmp else f"{directory}/tmp"  # noqa: S108
    env = {"HOME": directory, "TMPDIR": temporary, "PWD": directory, **head["env"]}
    _set_environment(env)
    if head["argv"] is None:
        close(REQUEST_FD)
        return None, payload[at:]
    os.lseek(REQUEST_FD, len(first) + 1 + at, os.SEEK_SET)
    os.dup2(REQUEST_FD, 0)
    os.close(REQUEST_FD)
    return head["argv"], b""


def _set_environment(env: Mapping[str, str]) -> None:
    """For this process and those that it starts: what `os.environ` does, without its detours."""
    for name, value in env.items():
        key, text = name.encode(*_FILES), value.encode(*_FILES)
        putenv(key, text)
        _ENVIRONMENT[key] = text


def _read_all() -> bytes:
    """A request is written before it is sent: a pipe is read in one go."""
    first = read(REQUEST_FD, PIPE_BYTES)
    if len(first) < PIPE_BYTES:
        return first
    parts = [first]  # a memory file, mostly
    while part := read(REQUEST_FD, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _execute(argv: list[str]) -> NoReturn:
    """Become another program; one that cannot be started is the cell's failure, as in a shell."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # ignored by Python, and inherited
        signal.signal(number, signal.SIG_DFL)
    os.set_inheritable(RESULT_FD, True)  # noqa: FBT003
    try:
        os.execvp(argv[0], argv)  # noqa: S606
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
        os._exit(126 if isinstance(error, PermissionError) else 127)


def _complaint(room: Room) -> str:
    """What of the runtime cannot be read from inside a cell; empty if all is well."""
    for path in room.runtime:
        if not os.access(path, os.R_OK | os.X_OK):
            who = f"user {os.getuid()}"
            return (
                f"{path} cannot be read by a job ({who}): let others read and enter it (chmod o+rX)"
            )
    here = Path.cwd()
    if not os.access(here, os.R_OK | os.W_OK | os.X_OK):
        return f"a job cannot use its own directory {here}: let others enter those above it"
    for name in _CHECKED:
        try:
            importlib.import_module(name)
        except ImportError as error:
            return f"a job cannot import {name} of this Python ({sys.prefix}): {error}"
    return ""

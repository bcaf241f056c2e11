"""Which levels this machine supports: every one is tried in a throw-away child, none is inferred.

Runs inside the fork server before it enters anything, single-threaded.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sandbox import landlock, namespaces
from sandbox.cell import Level, Limits
from sandbox.kernel import syscalls as sc
from sandbox.policies.calls import filter_code, supported
from sandbox.room import Order, make_room, shut_in

_YES: Final = "yes"
_PATIENCE_MS: Final = 10_000
#: What to look at when user namespaces are refused, and what to do then.
_REMEDIES: Final = (
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor forbids them to ordinary users: give this program a profile with `userns`",
    ),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "the kernel forbids them to ordinary users: sysctl kernel.unprivileged_userns_clone=1",
    ),
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "their number is limited to none: sysctl user.max_user_namespaces=10000",
    ),
)


def try_all(*, everything: bool) -> dict[str, str]:
    """Feature to "yes" or "no: reason"; without `everything` only until a level works."""
    found = {"namespaces": _attempt(lambda: _namespaces(sockets=True))}
    if found["namespaces"] == _YES and not everything:
        return found
    found["empty network"] = _attempt(lambda: _namespaces(sockets=False))
    found["seccomp"] = _attempt(_seccomp)
    found["landlock"] = _attempt(_landlock)
    return found


def choose(found: dict[str, str]) -> tuple[Level, list[str]]:
    """The strongest level, and in words why not a stronger one."""
    if found["namespaces"] == _YES:
        return "namespaces", []
    why = [f"user namespaces: {found['namespaces'].removeprefix('no: ')}", *_remedies()]
    if found["landlock"] == _YES and found["seccomp"] == _YES:
        return "landlock", why
    why += [
        f"{f}: {found[f].removeprefix('no: ')}" for f in ("landlock", "seccomp") if found[f] != _YES
    ]
    return "process", why


def _remedies() -> list[str]:
    hints = []
    for path, value, remedy in _REMEDIES:
        file = Path(path)
        if file.exists() and file.read_text().strip() == value:
            hints.append(remedy)
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        hints.append(
            "this is a container, and containers usually forbid new namespaces and mask /proc: "
            "--security-opt seccomp=unconfined --security-opt systempaths=unconfined"
        )
    return hints


def _attempt(work: Callable[[], None]) -> str:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            work()
            text = _YES
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the answer
            text = f"no: {error}"
        os.write(write, text.encode()[:1000])
        os._exit(0)
    os.close(write)
    poll = select.poll()
    poll.register(read, select.POLLIN)
    answer = (
        os.read(read, 1000).decode(errors="replace") if poll.poll(_PATIENCE_MS) else "no: hangs"
    )
    os.close(read)
    os.waitpid(pid, 0)
    return answer or "no: died"


def _namespaces(*, sockets: bool) -> None:
    """The whole way of a real cell; continues in the innermost process only."""
    room = make_room("namespaces", _no_work, (), 0)
    if not supported():
        raise OSError(f"system calls of {sc.MACHINE} are not known")
    namespaces.enter_outer(room.runtime, room.shared)
    pid = sc.clone(namespaces.INNER | (0 if sockets else sc.NEWNET))
    if pid:
        os.waitpid(pid, 0)
        os._exit(0)
    order = Order(0, 0, Limits(), sockets=sockets, directory="", mounts=(), places=None)
    shut_in(room, order)


def _no_work(request: bytes, result_fd: int) -> None:
    """The entry of a room in which nothing is run."""


def _seccomp() -> None:
    if not supported():
        raise OSError(f"system calls of {sc.MACHINE} are not known")
    sc.no_new_privileges()
    sc.Filter(filter_code(sockets=True)).install()


def _landlock() -> None:
    abi = sc.landlock_abi()
    if abi == 0:
        raise OSError("this kernel has none (Linux 5.13 and `lsm=landlock` are needed)")
    sc.no_new_privileges()
    landlock.restrict(abi, readable=["/usr"])

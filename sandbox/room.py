"""What a fork server knows about its place, and how a fresh child shuts itself into it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from sandbox import namespaces
from sandbox.cell import Level, Limits, Place
from sandbox.forks import Hooks
from sandbox.imports import Imports, survey
from sandbox.kernel import rlimit, tree
from sandbox.kernel import syscalls as sc
from sandbox.kernel.rlimit import apply
from sandbox.kernel.syscalls import (
    drop_capabilities,
    drop_capabilities_bound,
    no_new_privileges,
    prefer_for_oom_kill,
)
from sandbox.kernel.users import cell_users
from sandbox.landlock import restrict
from sandbox.listening import listen
from sandbox.namespaces import JOB_DIRECTORY, enter_inner, hide_shared
from sandbox.policies.calls import filter_code, supported

#: run(request, result_fd) of the entry module, called in the child.
Run = Callable[[bytes, int], None]

#: Where the child tells the client what it cannot tell the fork server.
CONTROL_FD: Final = 5

_OOM_SCORE: Final = 800
_READABLE: Final = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib64", "/proc"),
    *("/sys/devices/system/cpu", "/sys/fs/cgroup"),  # what programs size themselves by
    *(f"/etc/{name}" for name in (*namespaces.ETC, "passwd", "group")),
    *("/dev/random", "/dev/urandom"),
)
_WRITABLE: Final = ("/dev/null", "/dev/zero", "/dev/full")


@dataclass(frozen=True, slots=True)
class Room:
    """Made once, before the first fork."""

    level: Level
    run: Run
    imports: Imports
    runtime: tuple[str, ...]  # paths of this Python, which cells must be able to read
    shared: tuple[str, ...]  # directories that cells may mount from
    landlock_abi: int
    tid_address: int
    readable: tuple[str, ...]  # paths of the machine for cells of level "landlock"
    filters: dict[bool, sc.Filter]  # by "may open sockets"
    user_tasks: int  # tasks of our own user at the start; counts only where users are shared
    users: range  # for cells where root has no user namespaces, one per slot; empty elsewhere
    ceilings: Mapping[int, int]  # of the kernel's limits, by kind
    menders: tuple[Hooks, ...] = ()  # of forks: for those of the cell itself
    held: tuple[int, ...] = ()  # descriptors that stay open until nothing of any cell is alive
    kept: tuple[str, ...] = ()  # of `runtime`, what a private /tmp would hide

    def user_of(self, slot: int) -> int | None:
        """Who a cell in this slot runs as; None for whom the fork server does."""
        return self.users[slot % len(self.users)] if self.users else None


class Order(NamedTuple):
    """One cell as the fork server hears of it: small, without payload."""

    number: int
    slot: int
    limits: Limits
    sockets: bool
    places: tuple[Place, ...] | None  # None: not listed
    directory: str  # job directory where /tmp is not private
    mounts: Sequence[tuple[str, str, bool]]  # source, target, read only
    check: bool = False


def runtime_paths() -> tuple[str, ...]:
    """Where this Python lives, nothing of it twice, nothing that a cell sees anyway."""
    prefixes = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix]
    executable = Path(sys.executable).resolve()
    frozen = getattr(sys, "_MEIPASS", None)
    wanted = [*prefixes, *([frozen] if frozen else []), str(executable)]
    return _apart(wanted, ("/usr", "/lib", "/lib64", "/bin"))


def _apart(paths: Iterable[str], covered: Sequence[str] = ()) -> tuple[str, ...]:
    """Those that exist, by their real names, without what lies in another or is covered."""
    kept: list[str] = []
    for path in sorted({os.path.realpath(p) for p in paths if Path(p).exists()}, key=len):
        known = (*kept, *covered)
        if path != "/" and not any(path == k or path.startswith(k + "/") for k in known):
            kept.append(path)
    return tuple(kept)


def make_room(level: Level, run: Run, shared: Sequence[str], tid_address: int) -> Room:
    """Look around; nothing is entered yet."""
    users = cell_users() if level != "namespaces" and os.geteuid() == 0 else range(0)
    runtime = runtime_paths()
    users_are_shared = level != "namespaces" and not users
    return Room(
        level=level,
        run=run,
        imports=survey(),
        runtime=runtime,
        kept=namespaces.hidden(runtime),
        shared=tuple(shared),
        landlock_abi=sc.landlock_abi(),
        tid_address=tid_address,
        readable=_apart((*_READABLE, *filter(None, [namespaces.resolver_directory()]))),
        filters=_filters(apart=level == "namespaces"),
        user_tasks=tree.tasks_of_user(os.geteuid()) if users_are_shared else 0,
        users=users,
        ceilings=rlimit.ceilings(),
    )


def _filters(*, apart: bool) -> dict[bool, sc.Filter]:
    if not supported():
        return {}
    return {s: sc.Filter(filter_code(sockets=s, apart=apart)) for s in (False, True)}


def shut_in(room: Room, order: Order) -> str:
    """Bind this fresh child for good; answers with its job directory, which is the working one."""
    prefer_for_oom_kill(_OOM_SCORE)
    if room.level == "namespaces":
        return _shut_in_namespaces(room, order)
    return _shut_in_place(room, order)


def _shut_in_namespaces(room: Room, order: Order) -> str:
    number, _, limits, sockets, places, _, mounts, _ = order  # by names it were a page for each
    enter_inner(room.kept, limits)
    if places is not None:
        listen(places, number, CONTROL_FD)
    for source, target, read_only in mounts:
        namespaces.mount_shared(source, inside(target), room.shared, read_only=read_only)
    if room.shared:
        hide_shared()
    apply(limits, under=room.ceilings)
    drop_capabilities_bound()
    drop_capabilities()
    no_new_privileges()
    restrict(room.landlock_abi)
    room.filters[sockets].install()
    return JOB_DIRECTORY


def _shut_in_place(room: Room, order: Order) -> str:
    directory = order.directory
    uid = room.user_of(order.slot)
    temporary = os.path.join(directory, "tmp")  # noqa: PTH118
    os.makedirs(temporary, mode=0o700)  # noqa: PTH103
    for source, target, _ in order.mounts:
        place = f"{directory}/{inside(target)}"
        os.makedirs(os.path.dirname(place), exist_ok=True)  # noqa: PTH103, PTH120
        os.symlink(source, place)  # noqa: PTH211
    os.chmod(directory, 0o700)  # noqa: PTH101 - makedirs gives the mode to the last one only
    if uid is not None:
        os.chown(temporary, uid, uid)
        os.chown(directory, uid, uid)
    os.chdir(directory)
    apply(order.limits, under=room.ceilings, beside=room.user_tasks)
    if uid is not None:
        drop_capabilities_bound()
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    drop_capabilities()
    no_new_privileges()
    if room.level == "landlock":
        if order.places is not None:
            raise OSError('level "landlock" cannot leave a cell a few places only')
        _landlock(room, order, directory)
    elif not order.sockets or order.places is not None:
        raise OSError('level "process" cannot take the network away')
    sc.die_with_parent(signal.SIGKILL)  # changing the user forgot it
    return directory


def _landlock(room: Room, order: Order, directory: str) -> None:
    sources = {True: [s for s, _, ro in order.mounts if ro]}
    sources[False] = [s for s, _, ro in order.mounts if not ro]
    restrict(
        room.landlock_abi,
        readable=[*room.readable, *room.runtime, *sources[True]],
        writable=[directory, *_WRITABLE, *sources[False]],
        unlisted=["/dev/shm"],  # noqa: S108
    )
    room.filters[order.sockets].install()


def inside(name: str) -> str:
    """A name that stays inside the job directory, or OSError."""
    if name.startswith("/") or ".." in name.split("/") or not name or "\0" in name:
        raise OSError(f"{name!r} does not stay inside the job directory")
    return name

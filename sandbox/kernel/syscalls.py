"""The Linux calls that Python 3.11 does not offer, by ctypes.

Every function raises OSError with the call's name. Meant for single-threaded processes only: the
fork server and its children.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import platform
import struct
import sys
import threading
from collections.abc import Callable
from os import O_CLOEXEC, O_WRONLY, close, write
from os import open as open_file
from typing import Final

# CDLL releases the interpreter's lock around a call; a raw clone must keep it.
_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_LIBC_LOCKED: Final = ctypes.PyDLL(None, use_errno=True)


def _declared(library: ctypes.CDLL, name: str, *arguments: type) -> Callable[..., int]:
    """A function whose arguments need no object of ctypes each: on the path of every cell."""
    function = library[name]
    function.argtypes = arguments
    function.restype = ctypes.c_long if name == "syscall" else ctypes.c_int
    return function


_SYSCALL: Final = _declared(_LIBC, "syscall", *(ctypes.c_long,) * 4)
_PRCTL: Final = _declared(_LIBC, "prctl", ctypes.c_int, ctypes.c_ulong)  # and more, where needed
_CLONE: Final = _declared(_LIBC_LOCKED, "syscall", *(ctypes.c_long,) * 6)
_MOUNT: Final = _declared(
    _LIBC,
    "mount",
    *(ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p),
)
_CAPSET: Final = _declared(_LIBC, "capset", ctypes.c_char_p, ctypes.c_char_p)
_TAKING_BYTES: Final = _declared(_LIBC, "syscall", ctypes.c_long, ctypes.c_char_p)
_BEFORE_FORK: Final = ctypes.pythonapi.PyOS_BeforeFork
_AFTER_FORK: Final = ctypes.pythonapi.PyOS_AfterFork_Parent
_AFTER_FORK_IN_CHILD: Final = ctypes.pythonapi.PyOS_AfterFork_Child
_FILES: Final = (sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())

NEWNS: Final = 0x00020000
NEWCGROUP: Final = 0x02000000
NEWUTS: Final = 0x04000000
NEWIPC: Final = 0x08000000
NEWUSER: Final = 0x10000000
NEWPID: Final = 0x20000000
NEWNET: Final = 0x40000000
NEW_ANY: Final = NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET
_SIGCHLD: Final = 17
_CHILD_SETTID: Final = 0x01000000

MS_NOSUID: Final = 2
MS_NODEV: Final = 4
MS_NOEXEC: Final = 8
MS_RDONLY: Final = 1
MS_REMOUNT: Final = 32
MS_BIND: Final = 4096
MS_REC: Final = 16384
MS_PRIVATE: Final = 1 << 18
MNT_DETACH: Final = 2
ATTR_RDONLY: Final = 1
ATTR_NOSUID: Final = 2

PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_CAPBSET_DROP: Final = 24
PR_SET_CHILD_SUBREAPER: Final = 36
PR_SET_NO_NEW_PRIVS: Final = 38
PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_CLEAR_ALL: Final = 4

MACHINE: Final = platform.machine()
#: The numbers that differ; those above 424 are the same everywhere.
NUMBERS: Final[dict[str, dict[str, int]]] = {
    "x86_64": {"clone": 56, "pivot_root": 155, "seccomp": 317},
    "aarch64": {"clone": 220, "pivot_root": 41, "seccomp": 277},
}
_SECCOMP: Final = NUMBERS[MACHINE]["seccomp"]
_CLONE_NUMBER: Final = NUMBERS[MACHINE]["clone"]
#: The order of clone's last two differs by machine: (child tid, tls) or (tls, child tid).
_TID_FIRST: Final = MACHINE == "x86_64"
_MOUNT_SETATTR: Final = 442
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446


def _failed(what: str) -> OSError:
    """Made of words that are touched by no cell in which all goes well."""
    number = ctypes.get_errno()
    return OSError(number, f"{what}: {os.strerror(number)}")


def _checked(returned: int, what: str) -> int:
    if returned < 0:
        raise _failed(what)
    return returned


def syscall(number: int, *arguments: int | bytes | None, what: str) -> int:
    """A system call by number; integers are passed as whole machine words."""
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _checked(int(_LIBC.syscall(ctypes.c_long(number), *words)), what)


def prctl(option: int, first: int = 0, *, what: str = "prctl") -> None:
    _checked(_PRCTL(option, first, 0, 0, 0), what)


def unshare(flags: int) -> None:
    _checked(_LIBC.unshare(ctypes.c_int(flags)), "unshare")


def set_hostname(name: str) -> None:
    _checked(_LIBC.sethostname(name.encode(), ctypes.c_size_t(len(name))), "sethostname")


def mount(source: str | None, target: str, kind: str | None, flags: int, *, data: str = "") -> None:
    returned = _MOUNT(
        None if source is None else source.encode(*_FILES),
        target.encode(*_FILES),
        None if kind is None else kind.encode(),
        flags,
        data.encode() or None,
    )
    if returned < 0:
        raise _failed(f"mount {target}")


def unmount(target: str) -> None:
    """Take a mount out of the tree at once; what still uses it keeps it."""
    _checked(_LIBC.umount2(os.fsencode(target), MNT_DETACH), f"umount {target}")


def pivot_root(new: str, old: str) -> None:
    number = NUMBERS[MACHINE]["pivot_root"]
    syscall(number, os.fsencode(new), os.fsencode(old), what="pivot_root")


def bind(source: str, target: str, *, read_only: bool) -> None:
    """Show `source` and all that is mounted under it at `target`, which exists.

    Before Linux 5.12 only the topmost mount becomes read-only.
    """
    mount(source, target, None, MS_BIND | MS_REC)
    attributes = ATTR_NOSUID | (ATTR_RDONLY if read_only else 0)
    try:
        _mount_setattr(target, attributes)
    except OSError:
        if read_only:
            mount(None, target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID)


def _mount_setattr(path: str, attributes: int) -> None:
    at_fdcwd, recursive = -100, 0x8000
    wanted = struct.pack("<QQQQ", attributes, 0, 0, 0)
    syscall(
        _MOUNT_SETATTR,
        at_fdcwd,
        os.fsencode(path),
        recursive,
        wanted,
        len(wanted),
        what=f"mount_setattr {path}",
    )


def no_new_privileges() -> None:
    if _PRCTL(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0:
        raise _failed("no_new_privs")


CAP_SETFCAP: Final = 31
_CAPABILITIES_3: Final = struct.pack("<II", 0x20080522, 0)


def drop_capabilities_bound() -> None:
    """Let no program executed later gain a capability; needs the privilege to do so."""
    for capability in range(64):
        if _PRCTL(PR_CAPBSET_DROP, capability) < 0:
            break  # one past the kernel's last


def drop_capabilities() -> None:
    """Give up every capability of this process."""
    _PRCTL(PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    if _CAPSET(_CAPABILITIES_3, b"\0" * 24) < 0:
        raise _failed("capset")


def keep_capability(kept: int) -> None:
    """Give up every other, also of programs that are executed later."""
    for capability in range(64):
        if capability != kept and _PRCTL(PR_CAPBSET_DROP, capability) < 0:
            break
    _PRCTL(PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    low = 1 << kept
    _checked(_CAPSET(_CAPABILITIES_3, struct.pack("<6I", low, low, 0, 0, 0, 0)), "capset")


class Filter:
    """A seccomp program (struct sock_filter, 8 bytes each), laid out for the kernel once."""

    def __init__(self, instructions: bytes) -> None:
        self._code = ctypes.create_string_buffer(instructions, len(instructions))
        head = struct.pack("<HxxxxxxQ", len(instructions) // 8, ctypes.addressof(self._code))
        self._program = ctypes.create_string_buffer(head, len(head))
        self._address = ctypes.addressof(self._program)

    def install(self) -> None:
        """Bind it to this process for good."""
        set_mode_filter, spec_allow = 1, 4
        if _SYSCALL(_SECCOMP, set_mode_filter, spec_allow, self._address) < 0:
            raise _failed("seccomp")


def landlock_abi() -> int:
    """The version of Landlock the running kernel offers, 0 when it has none."""
    try:
        return syscall(_LANDLOCK_CREATE, None, 0, 1, what="landlock")
    except OSError:
        return 0


def landlock_create(attributes: bytes) -> int:
    ruleset = _TAKING_BYTES(_LANDLOCK_CREATE, attributes, len(attributes), 0)
    if ruleset < 0:
        raise _failed("landlock")
    return ruleset


def landlock_add(ruleset: int, kind: int, rule: bytes) -> None:
    syscall(_LANDLOCK_ADD, ruleset, kind, rule, 0, what="landlock_add_rule")


def landlock_restrict(ruleset: int) -> None:
    if _SYSCALL(_LANDLOCK_RESTRICT, ruleset, 0, 0) < 0:
        raise _failed("landlock_restrict_self")


def thread_id_address() -> int:
    """Where the C library remembers this thread's id, 0 if it cannot be told.

    `fork` refreshes that memory, a raw clone does not, and then `raise` and `abort` signal a thread
    that does not exist. The place is found by looking for our own id in the thread's descriptor;
    call it where ids are large, before entering a pid namespace.
    """
    _LIBC.pthread_self.restype = ctypes.c_ulong
    start = int(_LIBC.pthread_self())
    words = (ctypes.c_int * 256).from_address(start)
    mine = threading.get_native_id()
    hits = [index for index, word in enumerate(words) if word == mine]
    return start + 4 * hits[0] if len(hits) == 1 else 0


def clone(flags: int, tid_address: int = 0) -> int:
    """`os.fork` into new namespaces by one call: 0 in the child. Only without other threads."""
    if tid_address:
        flags |= _CHILD_SETTID
    flags |= _SIGCHLD
    _BEFORE_FORK()
    if _TID_FIRST:
        pid = _CLONE(_CLONE_NUMBER, flags, 0, 0, tid_address, 0)
    else:
        pid = _CLONE(_CLONE_NUMBER, flags, 0, 0, 0, tid_address)
    if pid == 0:
        _AFTER_FORK_IN_CHILD()
        return 0
    _AFTER_FORK()  # leaves the error number of ctypes as it is
    if pid < 0:
        raise _failed("clone")
    return pid


def write_text(path: str, text: str) -> None:
    """One write, as the files of /proc want it."""
    fd = open_file(path, O_WRONLY | O_CLOEXEC)
    try:
        write(fd, text.encode())
    finally:
        close(fd)


def die_with_parent(signal_number: int) -> None:
    if _PRCTL(PR_SET_PDEATHSIG, signal_number) < 0:
        raise _failed("pdeathsig")


def prefer_for_oom_kill(score: int) -> None:
    """Let the kernel, short of memory, end this process before others; 0 to 1000."""
    try:
        write_text("/proc/self/oom_score_adj", str(score))
    except OSError:
        return

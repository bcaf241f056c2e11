"""Level "namespaces": a root, a process tree and a user of one's own.

Twice, one inside the other. The *outer* room is entered once, by the fork server: a small read-only
root with the system's programs and this Python, its own processes, and users that are nobody
outside. The *inner* room is made for every cell by one clone: private /tmp, /dev/shm and /proc, and
the cell is the first process of its own pid namespace, so that its end is the end of everything it
started.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from os import chdir, mkdir
from pathlib import Path
from typing import Final, NoReturn

from sandbox.cell import Limits
from sandbox.kernel import syscalls as sc
from sandbox.kernel.descriptors import close_from
from sandbox.kernel.syscalls import mount, write_text
from sandbox.kernel.users import container_users

INNER: Final = sc.NEWUSER | sc.NEWNS | sc.NEWPID | sc.NEWIPC | sc.NEWUTS
_OUTER: Final = sc.NEWNS | sc.NEWPID | sc.NEWIPC | sc.NEWUTS | sc.NEWCGROUP
JOB_UID: Final = 1000  # what a cell sees itself as
JOB_DIRECTORY: Final = "/tmp/job"  # noqa: S108 - a private tmpfs
_KEPT: Final = "/.kept"  # what lies under /tmp outside, to be put back over the private /tmp
_SHARED: Final = "/.shared"
_SHM_BYTES: Final = 64 << 20
_BYTES_PER_FILE: Final = 2048  # of what all files may hold together
_SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32")
#: What programs need of /etc; the rest may be somebody's secret.
ETC: Final = (
    *("ssl", "pki", "ca-certificates", "crypto-policies", "alternatives"),
    *("hosts", "nsswitch.conf", "resolv.conf", "localtime", "ld.so.cache", "ld.so.conf"),
    *("mime.types", "protocols", "services", "timezone"),
)
_USERS: Final = (
    "root:x:0:0:root:/:/bin/sh\njob:x:1000:1000:job:/tmp/job:/bin/sh\n"
    "nobody:x:65534:65534:nobody:/:/bin/false\n"
)
_GROUP: Final = "root:x:0:\njob:x:1000:\nnogroup:x:65534:\n"
_JOB_USER: Final = f"{JOB_UID} 0 1"
_QUIET: Final = sc.MS_NOSUID | sc.MS_NODEV
_READ_ONLY: Final = _QUIET | sc.MS_RDONLY


def enter_outer(runtime: Sequence[str], shared: Sequence[str], *, held: Sequence[int] = ()) -> None:
    """Go on as the first process of the outer room; the calling process stays behind and waits.

    `runtime` are the paths of this Python, shown where they are; `shared` are directories cells may
    mount from; the descriptors `held` stay open in both. Raises OSError in the caller when the
    machine refuses.
    """
    go_read, go_write = os.pipe()
    told_read, told_write = os.pipe()
    privileged = os.geteuid() == 0 and _may_unshare()
    kept = hidden(runtime)
    pid = sc.clone(_OUTER if privileged else _OUTER | sc.NEWUSER)
    if pid:
        os.close(go_read)
        os.close(told_write)
        _let_enter(pid, go_write, told_read, privileged=privileged)
        close_from(3, held)
        _stay_behind(pid)
    os.close(go_write)
    os.close(told_read)
    sc.die_with_parent(signal.SIGKILL)
    if privileged:
        # As the machine's root, which may show a Python lying under a 0700 directory.
        _build_root(runtime, shared, kept)
        sc.unshare(sc.NEWUSER)
    os.write(told_write, b"1")
    if os.read(go_read, 1) != b"1":
        os._exit(70)
    os.close(told_write)
    os.close(go_read)
    if privileged:
        os.setgroups([])
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
    else:
        _build_root(runtime, shared, kept)
    # Changing the user forgot whom to die with, and made /proc/self of children unwritable.
    sc.die_with_parent(signal.SIGKILL)
    sc.prctl(sc.PR_SET_DUMPABLE, 1)


def _may_unshare() -> bool:
    """Whether root here is root enough for mounts: tried in a child."""
    pid = os.fork()
    if pid == 0:
        try:
            sc.unshare(sc.NEWNS)
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def _let_enter(pid: int, go: int, told: int, *, privileged: bool) -> None:
    """Give the child its users."""
    if os.read(told, 1) != b"1":
        return
    try:
        _map_users(pid, privileged=privileged)
        os.write(go, b"1")
    except OSError as error:
        sys.stderr.write(f"sandbox: cannot map users: {error}\n")
        sys.stderr.flush()


def _stay_behind(pid: int) -> NoReturn:
    """Wait for the child's end, which is the end of all in its room, and end likewise. Told to end,
    or without a client, end it first: who waits for us, or for what we hold, waits for all of it.
    """

    def end_child(*_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    signal.signal(signal.SIGTERM, end_child)
    sc.die_with_parent(signal.SIGTERM)
    _, status = os.waitpid(pid, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _map_users(pid: int, *, privileged: bool) -> None:
    if privileged:
        for kind in ("uid", "gid"):
            sc.write_text(f"/proc/{pid}/{kind}_map", container_users(kind))
        return
    sc.write_text(f"/proc/{pid}/setgroups", "deny")
    sc.write_text(f"/proc/{pid}/uid_map", f"0 {os.geteuid()} 1")
    sc.write_text(f"/proc/{pid}/gid_map", f"0 {os.getegid()} 1")


def hidden(runtime: Sequence[str]) -> tuple[str, ...]:
    """What of it a private /tmp would hide."""
    return tuple(path for path in runtime if path.startswith("/tmp/"))  # noqa: S108


def _build_root(runtime: Sequence[str], shared: Sequence[str], kept: Sequence[str]) -> None:
    sc.mount(None, "/", None, sc.MS_REC | sc.MS_PRIVATE)
    base = next(path for path in ("/dev/shm", "/mnt", "/run", "/opt") if Path(path).is_dir())  # noqa: S108
    sc.mount("tmpfs", base, "tmpfs", _QUIET, data="size=16m,mode=755")
    root = f"{base}/root"
    Path(root).mkdir()
    sc.mount("tmpfs", root, "tmpfs", _QUIET, data="size=16m,mode=755")
    for path in _SYSTEM:
        _show(path, root + path)
    for path in runtime:
        if path not in kept:
            _show(path, root + path)
    for index, path in enumerate(kept):
        _show(path, f"{root}{_KEPT}/{index}")
    for index, path in enumerate(shared):
        _show(path, f"{root}{_SHARED}/{index}", read_only=False)
    _build_etc(root)
    _build_dev(root)
    for name in ("tmp", "proc", "root", "home", "run", "var", ".old"):
        Path(root, name).mkdir(exist_ok=True)
    Path(root, "var/tmp").symlink_to("/tmp")  # noqa: S108
    Path(root, "shared").symlink_to(f"{JOB_DIRECTORY}/shared")  # where Windmill's clients look
    sc.mount("proc", f"{root}/proc", "proc", _QUIET | sc.MS_NOEXEC)
    os.chdir(root)
    sc.pivot_root(".", ".old")
    os.chdir("/")
    sc.unmount("/.old")
    Path("/.old").rmdir()
    sc.mount("tmpfs", "/tmp", "tmpfs", _QUIET, data="size=1m,mode=755")  # noqa: S108
    put_back(kept)
    sc.set_hostname("cell")
    sc.mount(None, "/", None, sc.MS_REMOUNT | sc.MS_BIND | sc.MS_RDONLY | _QUIET)


def _show(source: str, target: str, *, read_only: bool = True) -> None:
    """Bind a path that exists and is not shown already; a link stays a link."""
    if not os.path.lexists(source) or os.path.lexists(target):
        return
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    if Path(source).is_symlink():
        Path(target).symlink_to(Path(source).readlink())
        return
    if Path(source).is_dir():
        Path(target).mkdir()
    else:
        Path(target).touch()
    sc.bind(source, target, read_only=read_only)


def _build_etc(root: str) -> None:
    for name in ETC:
        _show(f"/etc/{name}", f"{root}/etc/{name}")
    if directory := resolver_directory():
        _show(directory, root + directory)
    Path(root, "etc").mkdir(exist_ok=True)
    Path(root, "etc/passwd").write_text(_USERS)
    Path(root, "etc/group").write_text(_GROUP)


def resolver_directory() -> str:
    """A resolv.conf that is a link points into a directory whose files change with the network; ""
    for one that is a file.
    """
    resolver = Path("/etc/resolv.conf")
    directory = str(resolver.resolve().parent) if resolver.is_symlink() else ""
    return directory if directory.startswith("/run/") and Path(directory).is_dir() else ""


def _build_dev(root: str) -> None:
    Path(root, "dev/shm").mkdir(parents=True)
    for name in ("null", "zero", "full", "random", "urandom"):
        Path(root, "dev", name).touch()
        sc.mount(f"/dev/{name}", f"{root}/dev/{name}", None, sc.MS_BIND)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        Path(root, "dev", name).symlink_to(f"/proc/self/fd/{number}")
    Path(root, "dev/fd").symlink_to("/proc/self/fd")


def put_back(kept: Sequence[str]) -> None:
    """Show what lay under /tmp again, after a private /tmp was mounted over it."""
    for index, path in enumerate(kept):
        source = f"{_KEPT}/{index}"
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        if Path(source).is_dir():
            Path(path).mkdir(exist_ok=True)
        else:
            Path(path).touch()
        sc.mount(source, path, None, sc.MS_BIND | sc.MS_REC)


def enter_inner(kept: Sequence[str], limits: Limits) -> None:
    """Make the room of one cell, in the freshly cloned child; ends in the job directory."""
    _, _, _, tmp_bytes, _, _ = limits
    write_text("/proc/self/setgroups", "deny")
    write_text("/proc/self/uid_map", _JOB_USER)
    write_text("/proc/self/gid_map", _JOB_USER)
    # A file costs the kernel memory however little it holds.
    data = f"size={tmp_bytes},nr_inodes={tmp_bytes // _BYTES_PER_FILE},mode=1777"
    mount("tmpfs", "/tmp", "tmpfs", _QUIET, data=data)  # noqa: S108
    if kept:
        put_back(kept)
    shm_bytes = min(_SHM_BYTES, tmp_bytes)
    data = f"size={shm_bytes},nr_inodes={shm_bytes // _BYTES_PER_FILE},mode=1777"
    mount("tmpfs", "/dev/shm", "tmpfs", _QUIET, data=data)  # noqa: S108
    # To write there would be to say that others shall go first when the machine has no memory left.
    mount("proc", "/proc", "proc", _READ_ONLY | sc.MS_NOEXEC)
    mkdir(JOB_DIRECTORY, 0o700)  # noqa: PTH102 - on the path of every job, and four times as fast
    chdir(JOB_DIRECTORY)


def mount_shared(source: str, target: str, shared: Sequence[str], *, read_only: bool) -> None:
    """Bind a part of a shared directory into the job directory."""
    for index, directory in enumerate(shared):
        if source == directory or source.startswith(directory.rstrip("/") + "/"):
            Path(target).mkdir(parents=True, exist_ok=True)
            inside = f"{_SHARED}/{index}{source[len(directory.rstrip('/')) :]}"
            sc.bind(inside, target, read_only=read_only)
            return
    raise OSError(f"{source} is not inside a directory shared with the fork server")


def hide_shared() -> None:
    """Leave of the shared directories only what was mounted."""
    mount("tmpfs", _SHARED, "tmpfs", _READ_ONLY, data="size=4k,mode=555")

"""Levels without a process tree of their own: a supervisor stands in for the pid namespace.

For every cell the fork server forks a supervisor, and the supervisor the cell. Orphans of the cell
fall to the supervisor (it is their "subreaper"), however often they forked or changed session; when
the cell ends, or the supervisor is told to, it kills all it has inherited and ends as the cell
ended. Should the cell kill its supervisor, the orphans fall to the fork server, which kills
children it does not know. Users are never swept: another appliance of this machine may have cells
of the same user.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from sandbox.kernel import syscalls as sc
from sandbox.kernel import tree
from sandbox.kernel.descriptors import close_from

_SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108 - every program's
_AWAITED: Final = (signal.SIGCHLD, signal.SIGTERM)


def supervise(
    work: Callable[[], NoReturn], *, held: Sequence[int], user: int | None = None
) -> NoReturn:
    """Run `work` in a child and outlive everything it starts; of the descriptors keep those `held`,
    which the child does not get. What a `user` of its own has left in shared memory is removed: the
    next cell has the same.
    """
    _clear(user)  # of one that was killed before it could
    signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
    sc.die_with_parent(signal.SIGTERM)
    sc.prctl(sc.PR_SET_CHILD_SUBREAPER, 1)
    pid = os.fork()
    if pid == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _AWAITED)
        for fd in held:
            os.close(fd)
        work()
    close_from(0, held)
    status = _wait(pid)
    tree.end(lambda: tree.descendants(os.getpid()), _reap)
    _clear(user)
    _end_like(status)


def _wait(pid: int) -> int:
    """The cell's wait status; told to stop, the status of a kill."""
    while signal.sigwait(_AWAITED) == signal.SIGCHLD:
        while True:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if ended == pid:
                return status
            if ended == 0:
                break
    return signal.SIGKILL


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _clear(user: int | None) -> None:
    if user is None:
        return
    with contextlib.suppress(OSError), os.scandir(_SHARED_MEMORY) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.stat(follow_symlinks=False).st_uid != user:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    os.unlink(entry.path)  # noqa: PTH108 - on the path of every job


def _end_like(status: int) -> NoReturn:
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(-code, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.kill(os.getpid(), -code)
    os._exit(code & 0xFF)

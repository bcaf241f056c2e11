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
import signal
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from sandbox.kernel import syscalls as sc
from sandbox.kernel import tree
from sandbox.kernel.descriptors import close_from

_AWAITED: Final = (signal.SIGCHLD, signal.SIGTERM)


def supervise(work: Callable[[], NoReturn], *, held: Sequence[int]) -> NoReturn:
    """Run `work` in a child and outlive everything it starts; of the descriptors keep those `held`,
    which the child does not get.
    """
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


def _end_like(status: int) -> NoReturn:
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(-code, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.kill(os.getpid(), -code)
    os._exit(code & 0xFF)

"""The loop of the fork server: orders in, exits out; never blocks on a cell.

The messages are written down in forkserver.py.
"""

from __future__ import annotations

# Names and not modules on the way of a cell: see child.py.
import json
import os
import select
import signal
import socket
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from os import close, read
from select import POLLIN, POLLOUT
from socket import SCM_RIGHTS, SOL_SOCKET
from time import monotonic, sleep
from typing import Any, Final

from sandbox.cell import Limits, Place
from sandbox.child import be_cell
from sandbox.guard import Guard
from sandbox.kernel import tree
from sandbox.kernel.children import Children
from sandbox.kernel.syscalls import NEWNET, clone
from sandbox.namespaces import INNER
from sandbox.room import Order, Room

_MESSAGE_BYTES_MAX: Final = 1 << 17
_WATCH_S: Final = 0.25
_ANCILLARY_BYTES: Final = socket.CMSG_SPACE(3 * 4)  # three descriptors
_AT_ONCE: Final = int(socket.MSG_DONTWAIT)
#: JSON as it is written down in forkserver.py, without the detours of an encoder.
_EXIT: Final = b'{"exit":%d,"status":%d,"cpu_s":%.6f,"peak_bytes":%d,"memory":%d,"guard":%d}'
_READ: Final = json.JSONDecoder().raw_decode


@dataclass(slots=True)
class _Running:
    number: int
    memory_bytes: int
    since: float
    memory: bool = False  # killed by the watch
    guard: bool = False  # killed by the guard
    doomed: bool = False


class Server:
    """Made after everything that cells find warm was imported."""

    def __init__(self, control: socket.socket, room: Room) -> None:
        self._control = control
        self._control_fd = control.fileno()
        self._room = room
        self._alone = room.level == "namespaces"  # each cell has a process tree of its own
        self._tid_address = room.tid_address
        self._running: dict[int, _Running] = {}
        self._watched_at = 0.0
        self._guard = Guard()
        self._children = Children()
        self._poll = select.poll()
        self._unsaid: deque[bytes] = deque()
        # What every cell is to find, whatever this program was started with.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)

    def serve(self) -> None:
        """Until the client closes the control socket; then kill what still runs."""
        woken = self._children.woken
        for fd in (woken, self._guard.timer, self._control_fd):
            self._poll.register(fd, POLLIN)
        while True:
            for fd, event in self._poll.poll(_WATCH_S * 1000 if self._running else None):
                if fd == woken:
                    read(fd, 4096)
                    self._collect()
                elif fd == self._guard.timer:
                    self._guard.heard()
                elif event == POLLOUT:
                    if self._speak():
                        self._poll.register(fd, POLLIN)
                elif not self._obey():
                    self._kill_all()
                    return
            self._watch()

    def _obey(self) -> bool:
        """One message; False when the client is gone."""
        try:
            data, ancillary, _, _ = self._control.recvmsg(_MESSAGE_BYTES_MAX, _ANCILLARY_BYTES)
        except ConnectionError:
            return False
        if not data:
            return False
        fds = _descriptors(ancillary)
        try:
            message = _READ(data.decode())[0]
            if "until" in message:
                self._guard.trust(message["until"])
            if "run" in message:
                self._run(_order(message["run"]), fds)
            elif "kill" in message:
                self._kill(message["kill"])
        finally:
            for fd in fds:
                close(fd)
        return True

    def _run(self, order: Order, fds: Sequence[int]) -> None:
        if self._guard.expired():
            self._tell(_exit(order.number, signal.SIGKILL, guard=True))
            return
        number, _, limits, sockets, places, _, _, _ = order
        try:
            if self._alone:
                flags = INNER if sockets and places is None else INNER | NEWNET
                pid = clone(flags, self._tid_address)
            else:
                pid = os.fork()
        except OSError as error:
            told = {"broken": number, "detail": f"the cell could not be made: {error}"}
            self._tell(json.dumps(told).encode())
            self._tell(_exit(number, 0))
            return
        if pid == 0:
            be_cell(self._room, order, fds, self._control_fd)
        self._running[pid] = _Running(number, limits.memory_bytes, monotonic())

    def _kill(self, number: int) -> None:
        for pid, running in self._running.items():
            if running.number == number:
                self._end(pid, running)

    def _end(self, pid: int, running: _Running) -> None:
        # A supervisor is asked first: it knows its orphans. The watch repeats it, harder.
        ask_first = not self._alone and not running.doomed
        running.doomed = True
        if ask_first:
            tree.send(pid, signal.SIGTERM)
            return
        if not self._alone:
            tree.end(lambda: tree.descendants(pid), lambda: None)
        tree.send(pid, signal.SIGKILL)

    def _collect(self) -> None:
        """Report every child that ended."""
        while ended := self._children.next_ended():
            pid, status, cpu_s, peak_bytes = ended
            running = self._running.pop(pid, None)
            if running is None:
                continue
            if not self._alone:
                self._end_strangers()
            number, memory, guard = running.number, running.memory, running.guard
            self._tell(_EXIT % (number, status, cpu_s, peak_bytes, memory, guard))

    def _strangers(self) -> list[int]:
        """Orphans of cells that killed their supervisor, and all below them."""
        # Judged by our own children only: a process that a supervisor forks meanwhile is no orphan.
        orphans = [pid for pid in tree.children(os.getpid()) if pid not in self._running]
        return [below for pid in orphans for below in (pid, *tree.descendants(pid))]

    def _end_strangers(self) -> None:
        # Not reaped here: the loop of `_collect` does it, and must meet every known cell itself.
        tree.end(self._strangers, lambda: None)

    def _watch(self) -> None:
        """All that is to end: at once without trust; now and then, who holds too much memory, and
        who did not end when told.
        """
        if self._guard.expired():
            self._end_untrusted()
        now = monotonic()
        if now - self._watched_at < _WATCH_S:
            return
        self._watched_at = now
        for pid, running in list(self._running.items()):
            if running.doomed:
                self._end(pid, running)
            elif now - running.since >= _WATCH_S and tree.exceeds(pid, running.memory_bytes):
                running.memory = True
                self._end(pid, running)

    def _end_untrusted(self) -> None:
        for pid, running in self._running.items():
            if not running.doomed:
                running.guard = True
                self._end(pid, running)

    def _kill_all(self) -> None:
        for pid, running in self._running.items():
            self._end(pid, running)
        if not self._alone:
            deadline = monotonic() + 2
            while self._running and monotonic() < deadline:
                self._collect()
                sleep(0.002)

    def _tell(self, message: bytes) -> None:
        self._unsaid.append(message)
        if not self._speak():
            self._poll.register(self._control_fd, POLLIN | POLLOUT)

    def _speak(self) -> bool:
        """As much as the client has room for: one that does not read must not stop the guard.
        Whether all is said.
        """
        try:
            while self._unsaid:
                self._control.send(self._unsaid[0], _AT_ONCE)
                self._unsaid.popleft()
        except (BlockingIOError, ConnectionError):
            return False
        return True


def _exit(number: int, status: int, *, guard: bool = False) -> bytes:
    """Of a cell that never was."""
    return _EXIT % (number, status, 0.0, 0, False, guard)


def _descriptors(ancillary: Sequence[tuple[int, int, bytes]]) -> list[int]:
    fds: list[int] = []
    for level, kind, data in ancillary:
        if level == SOL_SOCKET and kind == SCM_RIGHTS:
            fds += memoryview(data).cast("i")
    return fds


def _order(said: Sequence[Any]) -> Order:
    number, slot, limits, sockets, places, directory, mounts, check = said
    return Order(
        number,
        slot,
        Limits(*limits),
        sockets,
        None if places is None else tuple([Place(*place) for place in places]),
        directory,
        mounts,
        check,
    )

"""The loop of the fork server: orders in, exits out; never blocks on a cell.

The messages are written down in forkserver.py.
"""

from __future__ import annotations

import array
import json
import os
import select
import signal
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox import namespaces
from sandbox.cell import Limits, Place
from sandbox.child import be_cell
from sandbox.guard import Guard
from sandbox.kernel import syscalls as sc
from sandbox.kernel import tree
from sandbox.room import Order, Room

_MESSAGE_BYTES_MAX: Final = 1 << 17
_WATCH_S: Final = 0.25
_FDS: Final = 3
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
        self._running: dict[int, _Running] = {}
        self._watched_at = 0.0
        self._guard = Guard()
        self._unsaid: deque[bytes] = deque()
        self._woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, _notice)
        # What every cell is to find, whatever this program was started with.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Until the client closes the control socket; then kill what still runs."""
        poll = select.poll()
        poll.register(self._woken, select.POLLIN)
        poll.register(self._guard.timer, select.POLLIN)
        while True:
            poll.register(self._control, select.POLLIN | (select.POLLOUT if self._unsaid else 0))
            for fd, event in poll.poll(_WATCH_S * 1000 if self._running else None):
                if fd == self._woken:
                    os.read(fd, 4096)
                    self._collect()
                elif fd == self._guard.timer:
                    self._guard.heard()
                elif event == select.POLLOUT:
                    self._speak()
                elif not self._obey():
                    self._kill_all()
                    return
            self._watch()

    def _obey(self) -> bool:
        """One message; False when the client is gone."""
        try:
            data, ancillary, _, _ = self._control.recvmsg(
                _MESSAGE_BYTES_MAX, socket.CMSG_SPACE(_FDS * 4)
            )
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
                self._run(_order(message), fds)
            elif "kill" in message:
                self._kill(message["kill"])
        finally:
            for fd in fds:
                os.close(fd)
        return True

    def _run(self, order: Order, fds: Sequence[int]) -> None:
        if self._guard.expired():
            self._tell(_no_exit(order, signal.SIGKILL) | {"guard": True})
            return
        inner = self._room.level == "namespaces"
        flags = namespaces.INNER if inner else 0
        if inner and (not order.sockets or order.places is not None):
            flags |= sc.NEWNET
        try:
            pid = sc.clone(flags, self._room.tid_address) if inner else os.fork()
        except OSError as error:
            self._tell({"broken": order.number, "detail": f"the cell could not be made: {error}"})
            self._tell(_no_exit(order, 0))
            return
        if pid == 0:
            be_cell(self._room, order, fds, self._control_fd)
        self._running[pid] = _Running(order.number, order.limits.memory_bytes, time.monotonic())

    def _kill(self, number: int) -> None:
        for pid, running in self._running.items():
            if running.number == number:
                self._end(pid, running)

    def _end(self, pid: int, running: _Running) -> None:
        # A supervisor is asked first: it knows its orphans. The watch repeats it, harder.
        ask_first = self._room.level != "namespaces" and not running.doomed
        running.doomed = True
        if ask_first:
            tree.send(pid, signal.SIGTERM)
            return
        if self._room.level != "namespaces":
            tree.end(lambda: tree.descendants(pid), lambda: None)
        tree.send(pid, signal.SIGKILL)

    def _collect(self) -> None:
        """Report every child that ended."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            running = self._running.pop(pid, None)
            if running is None:
                continue
            if self._room.level != "namespaces":
                self._end_strangers()
            self._tell(
                {
                    "exit": running.number,
                    "status": status,
                    "cpu_s": usage.ru_utime + usage.ru_stime,
                    "peak_bytes": usage.ru_maxrss * 1024,
                    "memory": running.memory,
                    "guard": running.guard,
                }
            )

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
        now = time.monotonic()
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
        if self._room.level != "namespaces":
            deadline = time.monotonic() + 2
            while self._running and time.monotonic() < deadline:
                self._collect()
                time.sleep(0.002)

    def _tell(self, message: dict[str, Any]) -> None:
        self._unsaid.append(json.dumps(message).encode())
        self._speak()

    def _speak(self) -> None:
        """As much as the client has room for: one that does not read must not stop the guard."""
        try:
            while self._unsaid:
                self._control.send(self._unsaid[0], socket.MSG_DONTWAIT)
                self._unsaid.popleft()
        except (BlockingIOError, ConnectionError):
            return


def _notice(*_: object) -> None:
    """Has a name: each child would take one without apart, when it leaves the signal alone."""


def _no_exit(order: Order, status: int) -> dict[str, Any]:
    """Of a cell that never was."""
    return {"exit": order.number, "status": status, "cpu_s": 0, "peak_bytes": 0}


def _descriptors(ancillary: list[tuple[int, int, bytes]]) -> list[int]:
    fds = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    return list(fds)


def _order(message: dict[str, Any]) -> Order:
    places = message["places"]
    return Order(
        number=message["run"],
        slot=message["slot"],
        limits=Limits(*message["limits"]),
        sockets=message["sockets"],
        places=None if places is None else tuple(Place(*place) for place in places),
        directory=message["directory"],
        mounts=tuple((s, t, r) for s, t, r in message["mounts"]),
        check=message["check"],
    )

"""One life of a fork server, seen from the client: orders out, exits in.

A session is opened once and dies once. When the process dies, every cell it was running ends as
"broken", as soon as nothing of them is alive any more: they die with it, or soon after it.
"""

from __future__ import annotations

import array
import asyncio
import errno
import itertools
import json
import os
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.cell import PLACES_MAX, Cell, Exit, Reason, Unfit
from sandbox.client.ending import Known, reason_of
from sandbox.client.launch import Launch
from sandbox.client.payload import mounts, payload, places
from sandbox.client.pipes import Bounded, Drain
from sandbox.client.relay import Relay
from sandbox.client.standing import Standing

Say = Callable[[bytes], None]

_BYTES_MAX: Final = 1 << 17
_SEND_AGAIN_S: Final = 0.005
#: A cell that is killed and does not end (a process hanging in the kernel) is given up after this.
_DYING_S_MAX: Final = 10.0


@dataclass(slots=True)
class _Running:
    cell: Cell
    slot: int
    ended: asyncio.Future[Exit]
    result: Bounded
    drains: list[Drain] = field(default_factory=list)
    timers: list[asyncio.TimerHandle] = field(default_factory=list)
    stopped: Reason | None = None  # why we killed it
    sent: bool = False  # the fork server has the order, and will tell the end
    broken: str = ""  # why it could not be made
    standing: Standing | None = None  # instead of a pipe for the result
    relay: Relay | None = None  # to the places that are listed
    failure: Exception | None = None  # raised by whoever takes the output


class Session:
    """Made by `open`; usable until `alive` is false."""

    def __init__(self, launch: Launch, barred: Sequence[tuple[str, int]] = ()) -> None:
        self._launch = launch
        self._barred = barred
        self._loop = asyncio.get_running_loop()
        self._numbers = itertools.count(1)
        self._running: dict[int, _Running] = {}
        self._until_s: float | None = None
        self.alive = True
        self.level = ""
        self.why: tuple[str, ...] = ()

    @property
    def pid(self) -> int:
        return self._launch.pid

    async def open(self) -> None:
        """Wait until the process is ready; Unfit if it does not get there."""
        ready = json.loads(await self._launch.first_message())
        self.level = ready["level"]
        self.why = tuple(ready["why"])
        self._loop.add_reader(self._launch.control.fileno(), self._hear)

    async def close(self) -> None:
        """End the process and all cells; harmless to repeat."""
        self._die("the fork server was stopped")
        await self._launch.stop()

    async def run(
        self,
        cell: Cell,
        directory: str,
        on_output: Say,
        *,
        check: bool = False,
        standing: Standing | None = None,
    ) -> Exit:
        """Run one cell to its end; canceling the awaiting task kills it first."""
        number = next(self._numbers)
        running = self._begin(number, cell)
        try:
            self._connect(number, running, on_output, standing)
            await self._order(number, running, directory, check=check)
            return await asyncio.shield(running.ended)
        except asyncio.CancelledError:
            self._stop(number, "canceled")
            await asyncio.wait([running.ended])
            raise
        finally:
            self._forget(number, running)

    def trust_until(self, at_s: float) -> None:
        """See `ForkServer.trust_until`."""
        self._until_s = at_s
        if self._running:  # else the next order says it
            self._vouch()

    def _vouch(self) -> None:
        if not self._send(json.dumps({"until": self._until_s}).encode()) and self.alive:
            self._loop.call_later(_SEND_AGAIN_S, self._vouch)

    def cancel(self, cell_id: str) -> bool:
        """Kill a cell and all it started; False if there is none of this id."""
        numbers = [n for n, running in self._running.items() if running.cell.id == cell_id]
        for number in numbers:
            self._stop(number, "canceled")
        return bool(numbers)

    def _begin(self, number: int, cell: Cell) -> _Running:
        taken = {running.slot for running in self._running.values()}
        running = _Running(
            cell=cell,
            slot=next(n for n in itertools.count() if n not in taken),
            ended=self._loop.create_future(),
            result=Bounded(cell.result_bytes_max),
        )
        self._running[number] = running
        if cell.timeout_s is not None:
            timer = self._loop.call_later(cell.timeout_s, self._stop, number, "timeout")
            running.timers.append(timer)
        return running

    def _connect(
        self, number: int, running: _Running, on_output: Say, standing: Standing | None
    ) -> None:
        def failed(error: Exception) -> None:
            running.failure = error
            self._stop(number, "canceled")

        try:
            if standing is None:
                running.drains.append(Drain(self._loop, running.result.take, failed))
            output = Drain(self._loop, on_output, failed)
            running.drains.append(output)
        except OSError as error:
            raise Unfit(f"there is no descriptor left for a cell: {error}") from error
        if standing is not None:
            standing.output = output
            running.standing = standing

    def _sockets(self, cell: Cell) -> bool:
        unneeded = cell.network == "unneeded"
        return cell.network in ("host", "places") or (unneeded and self.level == "process")

    async def _order(self, number: int, running: _Running, directory: str, *, check: bool) -> None:
        cell = running.cell
        about = (cell.limits, self._sockets(cell), places(cell), directory, mounts(cell), check)
        message: dict[str, object] = {"run": (number, running.slot, *about)}
        try:
            request = payload(cell)
        except OSError as error:
            raise Unfit(f"there is no descriptor left for a cell: {error}") from error
        result = [] if running.standing is None else [running.standing.theirs.fileno()]
        fds = [request, *result, *(drain.write_end for drain in running.drains)]
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))
        try:
            while self.alive and not running.ended.done():
                if self._until_s is not None:
                    message["until"] = self._until_s
                if self._send(json.dumps(message).encode(), rights):
                    running.sent = True
                    break
                await asyncio.sleep(_SEND_AGAIN_S)
        finally:
            os.close(request)
            if running.standing is not None:
                running.standing.theirs.close()

    def _stop(self, number: int, why: Reason) -> None:
        running = self._running.get(number)
        if running is None or running.ended.done():
            return
        if not running.sent:
            running.ended.set_result(Exit(reason=why, level=self.level))
            return
        if running.stopped is None:
            running.stopped = why
            late = self._loop.call_later(_DYING_S_MAX, self._give_up, number)
            running.timers.append(late)
        if not self._send(json.dumps({"kill": number}).encode()) and self.alive:
            running.timers.append(self._loop.call_later(_SEND_AGAIN_S, self._stop, number, why))

    def _send(self, data: bytes, *rights: tuple[int, int, array.array[int]]) -> bool:
        """False when the socket is full: the fork server is busy, and some hundred orders wait."""
        try:
            self._launch.control.sendmsg([data], rights)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ETOOMANYREFS):
                self._die(f"the fork server cannot be reached: {error}")
            return False
        return True

    def _give_up(self, number: int) -> None:
        detail = f"was killed, and was still there {_DYING_S_MAX:.0f} s later"
        self._end(number, {"status": signal.SIGKILL, "cpu_s": 0.0, "peak_bytes": 0}, detail)

    def _hear(self) -> None:
        """One message: of the next one the loop tells us. The end of the process ends all."""
        try:
            data, fds, *_ = socket.recv_fds(self._launch.control, _BYTES_MAX, PLACES_MAX)
        except BlockingIOError:
            return
        except ConnectionError:
            data, fds = b"", []
        if not data:
            self._die(f"the fork server died {self._launch.complaint()}".strip())
            return
        message = json.loads(data.decode())
        if "exit" in message:
            self._end(message["exit"], message)
        elif "listening" in message:
            self._listen(message["listening"], fds)
        elif running := self._running.get(message["broken"]):
            running.broken = message["detail"]

    def _listen(self, number: int, fds: Sequence[int]) -> None:
        running = self._running.get(number)
        if running is None or running.ended.done():
            for fd in fds:
                os.close(fd)
        else:
            running.relay = Relay(running.cell.places, self._barred)
            running.relay.begin(fds)

    def _end(self, number: int, message: dict[str, Any], detail: str = "") -> None:
        running = self._running.get(number)
        if running is None or running.ended.done():
            return
        for drain in running.drains:
            drain.finish()
        if running.failure is not None:
            running.ended.set_exception(running.failure)
            return
        code = os.waitstatus_to_exitcode(message["status"])
        known = Known(running.cell, running.stopped, running.broken)
        reason, said = reason_of(known, code, message)
        running.ended.set_result(
            Exit(
                reason=reason,
                level=self.level,
                code=code if code >= 0 else None,
                signal=-code if code < 0 else None,
                result=running.result.value(),
                result_too_large=running.result.overflown,
                cpu_s=message["cpu_s"],
                memory_peak_bytes=message["peak_bytes"],
                detail=detail or said,
            )
        )

    def _forget(self, number: int, running: _Running) -> None:
        del self._running[number]
        for timer in running.timers:
            timer.cancel()
        for drain in running.drains:
            drain.finish()
        running.drains.clear()  # each holds us: with the result, until the collector comes by
        if running.relay is not None:
            running.relay.close()
        if running.ended.done():
            running.ended.exception()  # seen, also when the awaiting task was canceled

    def _die(self, detail: str) -> None:
        if not self.alive:
            return
        self.alive = False
        self._loop.remove_reader(self._launch.control.fileno())
        self._launch.over().add_done_callback(lambda _: self._bury(detail))

    def _bury(self, detail: str) -> None:
        for running in self._running.values():
            if not running.ended.done():
                for drain in running.drains:
                    drain.finish()
                reason = running.stopped or "broken"
                running.ended.set_result(Exit(reason=reason, level=self.level, detail=detail))

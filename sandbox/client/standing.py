"""A cell that stands by: started once, asked many times, one question at a time.

Its descriptor 4 is a stream socket instead of a pipe. Each side writes frames: the length of what
follows (4 bytes, little end first), then so many bytes. The client asks, the cell answers, and then
the client may ask again. An answer that nobody waits for ends the cell; one that comes so late that
the next question is under way is for the asker to tell apart. Everything else is as of any cell:
who ends it ends all it started, and the guard and the memory watch see it. Between questions its
output goes nowhere.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Final

from sandbox.cell import Exit
from sandbox.client.pipes import Drain

_HEAD_BYTES: Final = 4
_PIECE_BYTES: Final = 256 << 10


class Standing:
    """Made by `ForkServer.stand`. `end` is how it ended, once it has; `garbled` says that it was
    ended because it answered unasked, or more than it may; `unheard` that it was gone, or had
    closed its end, before the last question: nothing of that has happened.
    """

    def __init__(self, live: Callable[[Standing], Awaitable[Exit]], answer_bytes_max: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._max = answer_bytes_max
        self._ours, self.theirs = socket.socketpair()  # theirs is closed when the cell has it
        self._ours.setblocking(False)  # noqa: FBT003
        self._read = bytearray()
        self._sink: Callable[[bytes], None] | None = None
        self._answer: asyncio.Future[bytes | None] | None = None
        self.output: Drain | None = None  # once it is ordered
        self.end: Exit | None = None
        self.garbled = False
        self.unheard = False
        self._stopped = False
        self._loop.add_reader(self._ours.fileno(), self._ready)
        self._life = asyncio.ensure_future(self._live(live))

    async def ask(self, question: bytes, on_output: Callable[[bytes], None]) -> bytes | None:
        """The answer; None when the cell ended instead, and `end` says how. What was written before
        the answer has been given to `on_output` by then.

        Canceled while it waits, nobody knows what the cell is doing: `close` it.
        """
        assert self._answer is None, "one question at a time"
        if self.end is not None or self.garbled:
            return None
        self._answer, self._sink = self._loop.create_future(), on_output
        try:
            await self._send(question)
            if self.unheard:
                return None
            answer = await self._answer
            if self.output is not None:
                self.output.catch_up()
            return answer
        finally:
            self._answer = self._sink = None

    async def close(self) -> Exit:
        """End it and all it started; answers when nothing of it is alive. Harmless to repeat."""
        self._stop()
        while not self._life.done():
            await asyncio.wait([self._life])
        assert self.end is not None, "its life has ended"
        return self.end

    def heard(self, piece: bytes) -> None:
        """Takes what the cell writes."""
        if self._sink is not None:
            self._sink(piece)

    async def _live(self, live: Callable[[Standing], Awaitable[Exit]]) -> None:
        end = Exit(reason="canceled", level="")
        try:
            end = await live(self)
        except asyncio.CancelledError:
            pass  # by `close`: it is dead by now
        finally:
            self.theirs.close()
            while not self.garbled and self._ready():
                pass  # it may have answered and ended
            self._loop.remove_reader(self._ours.fileno())
            self._ours.close()
            self.end = end
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(None)

    async def _send(self, question: bytes) -> None:
        frame = len(question).to_bytes(_HEAD_BYTES, "little") + question
        try:
            sent = self._ours.send(frame)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.unheard = True
            return
        if sent < len(frame) and self._answer is not None:
            sending = asyncio.ensure_future(self._loop.sock_sendall(self._ours, frame[sent:]))
            await asyncio.wait([sending, self._life], return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                sending.cancel()
            elif not sending.cancelled():
                sending.exception()

    def _ready(self) -> bool:
        """Whether there was something to read."""
        try:
            piece = self._ours.recv(_PIECE_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            piece = b""
        if not piece:
            self._loop.remove_reader(self._ours.fileno())
            return False
        self._read += piece
        self._understand()
        return True

    def _understand(self) -> None:
        """Of what was read: one answer, or what is none."""
        waiting = self._answer if self._answer is not None and not self._answer.done() else None
        if len(self._read) >= _HEAD_BYTES:
            stop = _HEAD_BYTES + int.from_bytes(self._read[:_HEAD_BYTES], "little")
            if waiting is not None and len(self._read) == stop <= _HEAD_BYTES + self._max:
                waiting.set_result(bytes(self._read[_HEAD_BYTES:]))
                self._read.clear()
                return
            if len(self._read) < stop <= _HEAD_BYTES + self._max and waiting is not None:
                return
        elif waiting is not None:
            return
        self.garbled = True
        self._loop.remove_reader(self._ours.fileno())
        self._stop()

    def _stop(self) -> None:
        """Once: canceled again, it would not wait for the end of the cell."""
        if not self._stopped:
            self._stopped = True
            self._life.cancel()

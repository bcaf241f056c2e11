"""One job's log on its way to the database: decoded, bounded, written in batches.

The first half of the cap is written as it comes. After that only the newest bytes are kept in
memory, and written at the end behind a line that says how many were dropped: a gigabyte of output
costs neither the worker nor the database more than the cap, however small the pieces and whatever
they hold. What is no UTF-8 is stored as U+FFFD; to tell is dear (measured: 50 s for a gigabyte of
random bytes, 3 s for one of lines), so the newest bytes are read as text at the end only. A further
attempt has what the ones before have left of the cap, and a little in any case. A job shorter than
the flush interval writes nothing of its own: its log goes with its outcome.

A batch has a place, the characters before it, and the database takes a place once. So a batch whose
answer was lost is sent again as it was, never with what came after it.
"""

from __future__ import annotations

import asyncio
import codecs
import logging
from collections import deque
from uuid import UUID

from windmill_lite.base.errors import Unavailable
from windmill_lite.base.service import BACKOFF_S
from windmill_lite.engine import logbook
from windmill_lite.engine.world import World
from windmill_lite.model import limits

log = logging.getLogger(__name__)

_PENDING_PIECE_CHARS = 4 * 1024
_TAIL_PIECE_BYTES = 64 * 1024


def room_bytes(start: int) -> int:
    """How much of an attempt's log is kept when `start` characters are there already."""
    return max(limits.LOG_ATTEMPT_BYTES, limits.LOG_BYTES_MAX - start)


class JobLog:
    """`feed` takes raw output; `rest` is what has not been written yet, for the final report."""

    def __init__(self, world: World, job_id: UUID, attempt: int, *, start: int) -> None:
        self._world = world
        self._job_id = job_id
        self._attempt = attempt
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._written = start
        self._sent = ""  # at `_written`; the database may have it or not
        self._pending: deque[str] = deque()
        self._pending_chars = 0
        room = room_bytes(start)
        self._head_left = room // 2  # bytes
        self._tail = Tail(room - self._head_left)
        self._timer: asyncio.TimerHandle | None = None
        self._flush: asyncio.Task[None] | None = None
        self._failures = 0
        self._closed = False

    def feed(self, raw: bytes) -> None:
        """Takes output of any size; never blocks, keeps at most the cap."""
        if self._head_left == 0:
            self._tail.add(raw)
            return
        self._take(self._decoder.decode(raw))
        if self._head_left == 0:
            begun, _ = self._decoder.getstate()  # a character
            self._tail.add(begun)
            self._decoder.reset()

    def _take(self, text: str) -> None:
        text = _storable(text)
        raw = text.encode()
        if len(raw) <= self._head_left:
            head, rest = text, b""
        else:
            head = raw[: self._head_left].decode(errors="ignore")  # no half of a character
            rest = raw[len(head.encode()) :]
        if head:
            self._head_left -= len(raw) - len(rest)
            self._append(head)
            self._schedule()
        if rest:
            self._head_left = 0
            self._tail.add(rest)

    def _append(self, text: str) -> None:
        """Small pieces become larger ones: each has its price, however little it holds."""
        if self._pending and len(self._pending[-1]) < _PENDING_PIECE_CHARS:
            self._pending[-1] += text
        else:
            self._pending.append(text)
        self._pending_chars += len(text)

    def _schedule(self) -> None:
        if self._closed or self._flush is not None:
            return
        if self._pending_chars >= limits.LOG_CHUNK_BYTES and not self._failures:
            self._start_flush()
        elif self._timer is None:
            self._flush_in(limits.LOG_FLUSH_S)

    def _flush_in(self, delay_s: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._start_flush)

    def _start_flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._flush = asyncio.create_task(self._write_what_waits())

    async def _write_what_waits(self) -> None:
        try:
            await self._write()
            self._failures = 0
        except Unavailable as refusal:
            if self._failures == 0:
                log.warning("log of job %s waits: %s", self._job_id, refusal)
            self._failures += 1
        finally:
            self._flush = None
        if not self._closed and (self._sent or self._pending):
            at_least_s = BACKOFF_S[min(self._failures - 1, len(BACKOFF_S) - 1)]
            self._flush_in(at_least_s if self._failures else limits.LOG_FLUSH_S)

    async def _write(self) -> None:
        self._sent = self._sent or self._next_batch()
        await logbook.append(
            self._world, self._job_id, self._attempt, start=self._written, chunk=self._sent
        )
        self._written += len(self._sent)
        self._sent = ""

    def _next_batch(self) -> str:
        batch: list[str] = []
        left = limits.LOG_BATCH_BYTES_MAX
        while self._pending and left > 0:
            piece = self._pending.popleft()
            batch.append(piece[:left])
            if len(piece) > left:
                self._pending.appendleft(piece[left:])
            left -= len(batch[-1])
            self._pending_chars -= len(batch[-1])
        return "".join(batch)

    async def rest(self) -> tuple[int, str]:
        """Ends the log: where its unwritten rest begins, and the rest itself, at most one batch.

        Fails: `Unavailable` when what comes before it cannot be written; to be asked again.
        """
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._flush is not None:
            await self._flush
        if half := self._decoder.decode(b"", final=True):  # of a character
            self._take(half)
        for part in self._tail.take():
            self._append(part)
        while self._sent or self._pending_chars > limits.LOG_BATCH_BYTES_MAX:
            await self._write()
        return self._written, "".join(self._pending)


class Tail:
    """The newest bytes of a text of any length, at most so many."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: deque[bytearray] = deque()
        self._bytes = 0
        self._dropped = 0

    def add(self, raw: bytes) -> None:
        """Takes bytes of any kind, cut anywhere."""
        if self._kept and len(self._kept[-1]) < _TAIL_PIECE_BYTES:
            self._kept[-1] += raw
        else:
            self._kept.append(bytearray(raw))
        self._bytes += len(raw)
        while self._bytes - len(self._kept[0]) >= self._limit:
            gone = len(self._kept.popleft())
            self._bytes -= gone
            self._dropped += gone

    def take(self) -> list[str]:
        """The text in pieces, behind a line that says how much is missing before it; then empty."""
        if not self._kept:
            return []
        cut = max(0, self._bytes - self._limit)
        if cut or self._dropped:
            oldest = self._kept[0]
            while cut < len(oldest) and oldest[cut] & 0xC0 == 0x80:  # inside of a character
                cut += 1
            del oldest[:cut]
            self._dropped += cut
        pieces = self._as_text()
        if self._dropped:
            pieces.appendleft(f"\n[… {self._dropped} bytes dropped …]\n")
        self._kept.clear()
        self._bytes = self._dropped = 0
        return [piece for piece in pieces if piece]

    def _as_text(self) -> deque[str]:
        """What is no text grows when it is made one: then more of it is dropped."""
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        pieces = deque(_storable(decoder.decode(piece)) for piece in self._kept)
        pieces.append(decoder.decode(b"", final=True))
        over = sum(len(piece.encode()) for piece in pieces) - self._limit
        while over > 0:
            oldest = pieces.popleft().encode()
            kept = oldest[over:].decode(errors="ignore")
            gone = len(oldest) - len(kept.encode())
            over -= gone
            self._dropped += gone
            if kept:
                pieces.appendleft(kept)
        return pieces


def _storable(text: str) -> str:
    """Text columns hold no NUL."""
    return text.replace("\0", "\ufffd") if "\0" in text else text

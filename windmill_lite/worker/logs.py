"""One job's log on its way to the database: decoded, bounded, written in batches.

The first `LOG_HEAD_BYTES` characters are written as they come. After that only the newest
characters are kept in memory, and written at the end behind a line that says how many were dropped:
a gigabyte of output costs neither the worker nor the database more than the cap. A job shorter than
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

TAIL_CHARS = limits.LOG_BYTES_MAX - limits.LOG_HEAD_BYTES


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
        self._head_left = limits.LOG_HEAD_BYTES
        self._tail = Tail(TAIL_CHARS)
        self._timer: asyncio.TimerHandle | None = None
        self._flush: asyncio.Task[None] | None = None
        self._failures = 0
        self._closed = False

    def feed(self, raw: bytes) -> None:
        """Takes output of any size; never blocks, keeps at most the cap."""
        self._take(self._decoder.decode(raw))

    def _take(self, text: str) -> None:
        if "\0" in text:
            text = text.replace("\0", "\ufffd")  # text columns hold no NUL
        head, rest = text[: self._head_left], text[self._head_left :]
        if head:
            self._head_left -= len(head)
            self._append(head)
            self._schedule()
        if rest:
            self._tail.add(rest)

    def _append(self, text: str) -> None:
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
        self._take(self._decoder.decode(b"", final=True))
        for part in self._tail.take():
            self._append(part)
        while self._sent or self._pending_chars > limits.LOG_BATCH_BYTES_MAX:
            await self._write()
        return self._written, "".join(self._pending)


class Tail:
    """The newest `chars` of a text of any length."""

    def __init__(self, chars: int) -> None:
        self._limit = chars
        self._kept: deque[str] = deque()
        self._chars = 0
        self._dropped = 0

    def add(self, text: str) -> None:
        self._kept.append(text)
        self._chars += len(text)
        while self._chars - len(self._kept[0]) >= self._limit:
            gone = len(self._kept.popleft())
            self._chars -= gone
            self._dropped += gone

    def take(self) -> list[str]:
        """The text in pieces, behind a line that says how much is missing before it; then empty."""
        cut = max(0, self._chars - self._limit)
        if cut:  # less than the oldest piece, or `add` had dropped it
            self._kept[0] = self._kept[0][cut:]
            self._dropped += cut
        marker = [f"\n[… {self._dropped} characters dropped …]\n"] if self._dropped else []
        pieces = [*marker, *self._kept]
        self._kept.clear()
        self._chars = self._dropped = 0
        return pieces

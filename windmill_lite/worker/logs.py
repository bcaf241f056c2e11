"""One job's log on its way to the database: decoded, bounded, written in batches.

The first `LOG_HEAD_BYTES` characters are written as they come. After that only the newest
characters are kept in memory, and written at the end behind a line that says how many were dropped:
a gigabyte of output costs neither the worker nor the database more than the cap. A job shorter than
the flush interval writes nothing of its own: its log goes with its outcome.
"""

from __future__ import annotations

import asyncio
import codecs
import logging
from collections import deque
from uuid import UUID

from windmill_lite.base.errors import Unavailable
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
        self._head_left = limits.LOG_HEAD_BYTES
        self._pending: list[str] = []
        self._pending_chars = 0
        self._tail: deque[str] = deque()
        self._tail_chars = 0
        self._dropped = 0
        self._timer: asyncio.TimerHandle | None = None
        self._flush: asyncio.Task[None] | None = None
        self._closed = False

    def feed(self, raw: bytes) -> None:
        """Takes output of any size; never blocks, keeps at most the cap."""
        text = self._decoder.decode(raw)
        if text:
            self._take(text)

    def line(self, text: str) -> None:
        """A line of the worker's own."""
        self._take(text + "\n")

    def _take(self, text: str) -> None:
        if "\0" in text:
            text = text.replace("\0", "\ufffd")  # text columns hold no NUL
        head, text = text[: self._head_left], text[self._head_left :]
        if head:
            self._head_left -= len(head)
            self._pending.append(head)
            self._pending_chars += len(head)
            self._schedule()
        if text:
            self._keep_tail(text)

    def _keep_tail(self, text: str) -> None:
        self._tail.append(text)
        self._tail_chars += len(text)
        while self._tail_chars - len(self._tail[0]) >= TAIL_CHARS:
            gone = len(self._tail.popleft())
            self._tail_chars -= gone
            self._dropped += gone

    def _schedule(self) -> None:
        if self._closed or self._flush is not None:
            return
        if self._pending_chars >= limits.LOG_CHUNK_BYTES:
            self._start_flush()
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(limits.LOG_FLUSH_S, self._start_flush)

    def _start_flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._flush is None and self._pending and not self._closed:
            self._flush = asyncio.create_task(self._write())

    async def _write(self) -> None:
        chunk, self._pending, self._pending_chars = "".join(self._pending), [], 0
        try:
            await logbook.append(
                self._world, self._job_id, self._attempt, start=self._written, chunk=chunk
            )
            self._written += len(chunk)
        except Unavailable as refusal:
            log.warning("log of job %s waits: %s", self._job_id, refusal)
            self._pending.insert(0, chunk)
            self._pending_chars += len(chunk)
        finally:
            self._flush = None
        if self._pending and not self._closed:
            self._timer = asyncio.get_running_loop().call_later(
                limits.LOG_FLUSH_S, self._start_flush
            )

    async def rest(self) -> tuple[int, str]:
        """Ends the log: where its unwritten rest begins, and the rest itself."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._flush is not None:
            await self._flush
        last = self._decoder.decode(b"", final=True)
        if last:
            self._take(last)
        parts = self._pending
        if self._tail:
            tail = "".join(self._tail)
            cut = max(0, len(tail) - TAIL_CHARS)
            dropped = self._dropped + cut
            if dropped:
                parts = [*parts, f"\n[… {dropped} characters dropped …]\n"]
            parts = [*parts, tail[cut:]]
        return self._written, "".join(parts)

"""A result that is told while it is made: lines `WM_STREAM: text` of a script's output.

Such a line is no part of the log. Its text is a piece of the result; `\\n` in it stands for the end
of a line, since a line cannot hold one. The pieces are stored as they come, a tenth of a second
together, for whoever listens; the whole is the result. What is stored is only a preview: when the
database is away it has gaps at its end, and the result has none.

Source: Windmill's clients, which write `WM_STREAM: ` with `\\n` for line ends.
"""

from __future__ import annotations

import asyncio
import codecs
import logging
from collections.abc import Callable
from uuid import UUID

from windmill_lite.base.bell import Ear
from windmill_lite.base.codec import dumps
from windmill_lite.base.errors import Unavailable
from windmill_lite.core.jobs import results
from windmill_lite.engine import logbook
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import Finished, Outcome

log = logging.getLogger(__name__)

MARK = b"WM_STREAM: "
_LINE_MARK = b"\n" + MARK


class Divided:
    """Output in any pieces, divided into the log and the streamed text.

    Nothing of a log line waits for its end; of a beginning that may become the mark, at most the
    mark's length does.
    """

    def __init__(self, to_log: Callable[[bytes], None], to_stream: Callable[[bytes], None]) -> None:
        self._to_log = to_log
        self._to_stream = to_stream
        self._held = b""
        self._begins = True  # a line begins here
        self._streams = False  # inside a line of the stream

    def feed(self, piece: bytes) -> None:
        data, self._held = (self._held + piece if self._held else piece), b""
        while data:
            if self._streams:
                data = self._stream_line(data)
            elif self._begins:
                data = self._beginning(data)
            else:
                data = self._log_lines(data)

    def end(self) -> None:
        """What was held back is what it is."""
        if self._held:
            (self._to_stream if self._streams else self._to_log)(self._held)
            self._held = b""
        self._to_stream = self._to_log  # whoever took the stream holds us: one of us lets go

    def _beginning(self, data: bytes) -> bytes:
        if data.startswith(MARK):
            self._streams = True
            return data[len(MARK) :]
        if MARK.startswith(data):
            self._held = data
            return b""
        self._begins = False
        return data

    def _stream_line(self, data: bytes) -> bytes:
        line, newline, rest = data.partition(b"\n")
        if not newline and line.endswith(b"\\"):  # may be half of a `\n`
            line, self._held = line[:-1], b"\\"
        if line:
            self._to_stream(line.replace(b"\\n", b"\n"))
        if newline:
            self._streams, self._begins = False, True
        return rest

    def _log_lines(self, data: bytes) -> bytes:
        found = data.find(_LINE_MARK)
        if found >= 0:
            cut = found + 1
        else:
            cut = data.rfind(b"\n", max(0, len(data) - len(MARK))) + 1
            if not cut or not MARK.startswith(data[cut:]):
                self._to_log(data)
                return b""
        self._to_log(data[:cut])
        self._begins = True
        return data[cut:]


class ResultStream:
    """`feed` takes a job's output; `into` makes the result what was streamed."""

    def __init__(
        self, world: World, job_id: UUID, attempt: int, to_log: Callable[[bytes], None]
    ) -> None:
        self._world = world
        self._job_id = job_id
        self._attempt = attempt
        self._divided = Divided(to_log, self._take)
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._whole: list[str] = []
        self._bytes = 0
        self._start: int | None = 0 if attempt == 1 else None  # where an attempt's own text begins
        self._pending: list[str] = []
        self._room = limits.STREAM_CHARS_MAX
        self._flush: asyncio.Task[None] | None = None
        self._ended = Ear()
        self.feed = self._divided.feed

    def _take(self, raw: bytes) -> None:
        self._bytes += len(raw)
        if self._bytes > limits.RESULT_BYTES_MAX:
            self._whole.clear()  # the job fails; nobody asks for it
            return
        text = self._decoder.decode(raw).replace("\0", "\ufffd")
        self._whole.append(text)
        shown = text[: self._room]
        if shown:
            self._room -= len(shown)
            self._pending.append(shown)
            if self._flush is None:
                self._flush = asyncio.create_task(self._write_soon())

    async def _write_soon(self) -> None:
        while self._pending:
            await self._ended.wait(limits.STREAM_FLUSH_S)
            await self._write()
        self._flush = None

    async def _write(self) -> None:
        chunk = "".join(self._pending)
        self._pending.clear()
        try:
            if self._start is None:
                self._start = await logbook.stream_length(self._world, self._job_id)
            await logbook.append_stream(
                self._world, self._job_id, self._attempt, start=self._start, chunk=chunk
            )
            self._start += len(chunk)
        except Unavailable as refusal:
            log.warning("the stream of job %s has a gap: %s", self._job_id, refusal)
            self._room = 0

    async def end(self) -> None:
        """Everything was fed: what waits is written."""
        self._divided.end()
        self._ended.ring()
        if self._flush is not None:
            await self._flush

    def into(self, finished: Finished) -> Finished:
        """The outcome, with what was streamed as its result when it succeeded."""
        if not self._bytes or finished.outcome is not Outcome.SUCCESS:
            return finished
        text = "".join([*self._whole, self._decoder.decode(b"", final=True)])
        result = results.streamed(finished.result, text)
        if self._bytes > limits.RESULT_BYTES_MAX or len(result) > limits.RESULT_BYTES_MAX:
            most = limits.RESULT_BYTES_MAX // 1024**2
            error = results.failed("ResultTooLarge", f"the streamed result is above {most} MiB")
            return finished._replace(outcome=Outcome.FAILURE, result=dumps(error))
        return finished._replace(result=result)

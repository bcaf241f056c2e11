"""Threads that read a SQLite file, a statement at a time, for whoever asks.

1. `fetch` puts a statement into the queue and waits on a future. A thread is told once the loop has
   done what it can do now, of all that came meanwhile.
2. One thread works as long as statements wait, and hands their answers to the loop together, in
   one call: to wake a thread or the loop costs more than most statements.
3. A statement that goes on for `SLOW_STEPS` is slow: what was answered before it is handed over,
   and another thread takes what waits behind it; so too when statements have waited for `STUCK_S`.
4. A statement whose caller gave up is stopped at the next such point; one that waits is left out.

Measured on 2 cores, a read by key: 64 callers 11 µs of processor time each, against 150 with a
connection lent for every read; 8 callers 14 against 45; one caller 30 against 38.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from windmill_lite.base.errors import Bug, Unavailable
from windmill_lite.store.db.port import Row
from windmill_lite.store.db.sqlite_file import connect_reader, translated

log = logging.getLogger(__name__)

SLOW_STEPS = 20_000  # of SQLite's machine: about a millisecond
STUCK_S = 0.01
TOGETHER_MAX = 64  # answers that are handed over in one call
WAITING_MAX = 20_000  # statements in the queue; above, a read is refused


class Call(Enum):
    """What a thread is woken for."""

    WORK = "statements wait"
    END = "no more will come"


@dataclass(slots=True, eq=False)
class Request:
    """A statement, and what became of it."""

    sql: str
    values: Sequence[Any]
    future: asyncio.Future[list[Row]]
    asked_at_s: float
    given_up: bool = False
    rows: list[Row] = field(default_factory=list)
    error: Exception | None = None


class SqliteReaders:
    """`size` threads at most, started when they are needed."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._waiting: deque[Request] = deque()
        self._lock = threading.Lock()  # around who is idle
        self._idle: list[_Reader] = []
        self._all: list[_Reader] = []
        self._size = size
        self._closed = False
        self._told = False  # the threads will hear of what waits when the loop has come to its end

    async def fetch(self, sql: str, values: Sequence[Any], limit_s: float) -> list[Row]:
        """Every row. Fails: `Unavailable` after `limit_s`, waiting included; as SQLite fails."""
        if self._closed:
            raise Unavailable(f"{self._path} is closed")
        if len(self._waiting) >= WAITING_MAX:
            raise Unavailable(f"{self._path} is too busy: {WAITING_MAX} reads are waiting")
        loop = asyncio.get_running_loop()
        request = Request(sql, values, loop.create_future(), time.monotonic())
        timer = loop.call_later(limit_s, self._give_up, request, limit_s)
        self._waiting.append(request)
        if not self._told:
            self._told = True
            loop.call_soon(self._tell)
        try:
            return await request.future
        finally:
            request.given_up = True
            timer.cancel()

    def _tell(self) -> None:
        self._told = False
        self.help(stuck_s=STUCK_S)

    def help(self, stuck_s: float = 0.0) -> None:
        """Sets a thread to work if nobody works, or if statements have waited for so long. From any
        thread.
        """
        with self._lock:
            if self._closed:
                return
            working = len(self._all) - len(self._idle)
            try:
                late = time.monotonic() - self._waiting[0].asked_at_s >= stuck_s
            except IndexError:
                return
            if working and not late:
                return
            if self._idle:
                self._idle.pop().wake.put(Call.WORK)
            elif len(self._all) < self._size:
                self._all.append(_Reader(self, self._path, len(self._all)))
                self._all[-1].wake.put(Call.WORK)

    def next(self) -> Request | None:
        """For a thread: the next statement that somebody still waits for."""
        while True:
            try:
                request = self._waiting.popleft()
            except IndexError:
                return None
            if not request.given_up:
                return request

    def rest(self, reader: _Reader) -> bool:
        """For a thread: False when there is something to do after all."""
        with self._lock:
            if self._waiting:
                return False
            self._idle.append(reader)
            return True

    async def close(self) -> None:
        """Waits for what is under way. Harmless when repeated."""
        self.help()  # of what has just come, the threads have not heard
        with self._lock:
            self._closed = True
            readers, self._all = self._all, []
        for reader in readers:
            reader.wake.put(Call.END)
        loop = asyncio.get_running_loop()
        for reader in readers:
            await loop.run_in_executor(None, reader.thread.join)

    @staticmethod
    def _give_up(request: Request, limit_s: float) -> None:
        request.given_up = True
        if not request.future.done():
            late = Unavailable(f"a query took longer than {limit_s:g} s")
            request.future.set_exception(late)


class _Reader:
    """One thread and its connection, which is opened with the first statement."""

    def __init__(self, readers: SqliteReaders, path: Path, number: int) -> None:
        self.wake: SimpleQueue[Call] = SimpleQueue()
        self._readers = readers
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._current: Request | None = None
        self._answered: list[Request] = []
        self.thread = threading.Thread(
            target=self._main, name=f"sqlite-reader-{number}", daemon=True
        )
        self.thread.start()

    def _main(self) -> None:
        while self.wake.get() is Call.WORK:
            self._work()
        self._work()  # what came before the end
        if self._connection is not None:
            self._connection.close()

    def _work(self) -> None:
        while True:
            request = self._current = self._readers.next()
            if request is not None:
                self._run(request)
            if request is None or len(self._answered) >= TOGETHER_MAX:
                self._hand_over()
            if request is None and self._readers.rest(self):
                return

    def _run(self, request: Request) -> None:
        try:
            if self._connection is None:
                self._connection = connect_reader(self._path)
                self._connection.set_progress_handler(self._slow, SLOW_STEPS)
            request.rows = self._connection.execute(request.sql, request.values).fetchall()
        except Exception as error:  # noqa: BLE001  (belongs to the caller, whatever it is)
            request.error = self._meaning(error)
        self._answered.append(request)

    def _meaning(self, error: Exception) -> Exception:
        if not isinstance(error, sqlite3.Error):
            return error
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_READONLY:
            return Bug("a view cannot write")
        return translated(error, self._path)

    def _slow(self) -> int:
        """Called now and then while a statement runs; 1 stops it."""
        self._hand_over()
        self._readers.help()
        return int(self._current is not None and self._current.given_up)

    def _hand_over(self) -> None:
        answered, self._answered = self._answered, []
        if not answered:
            return
        try:
            answered[0].future.get_loop().call_soon_threadsafe(_settle, answered)
        except RuntimeError:  # the loop is closed: nobody waits any more
            log.debug("the loop ended before a reader")


def _settle(answered: list[Request]) -> None:
    """In the loop."""
    for request in answered:
        if request.future.done():
            continue
        if request.error is None:
            request.future.set_result(request.rows)
        else:
            request.future.set_exception(request.error)

"""What really ran: each attempt of a job calls here, and is heard when it starts, ends and dies.

A call is one connection. The job sends `<job> <attempt>`, and may begin when it hears `go`; it
sends `end` when its work is done, and returns when it hears `ok`. A process that dies closes the
connection. What was heard is in a file, one line each: `<µs> <job> <attempt> <start|end|gone>`.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_LINE_BYTES_MAX = 200

CODE = """
import os, socket, time
def main(number: int, work_s: float):
    with socket.create_connection(("127.0.0.1", {port})) as recorder, recorder.makefile() as said:
        who = os.environ["WM_JOB_ID"] + " " + os.environ["WM_ATTEMPT"]
        recorder.sendall(who.encode() + b"\\n")
        assert said.readline() == "go\\n"
        time.sleep(work_s)
        recorder.sendall(b"end\\n")
        assert said.readline() == "ok\\n"
    return {{"number": number, "square": number * number}}
"""


@dataclass(frozen=True)
class Mark:
    at: int  # µs
    job: str
    attempt: int
    what: str  # start, end, gone: the last without having ended

    def __str__(self) -> str:
        return f"{self.at} {self.job} {self.attempt} {self.what}"


class Recorder:
    """Listens while it is entered; `code` is a script that calls."""

    def __init__(self, file: Path) -> None:
        self.marks: list[Mark] = []
        self.started: set[str] = set()  # jobs
        self.overlaps: list[str] = []  # jobs that started while another attempt was alive
        self._news = asyncio.Event()
        self._file = file.open("w")
        self._alive: defaultdict[str, list[socket.socket]] = defaultdict(list)
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._socket.setblocking(False)  # noqa: FBT003  (its only parameter)
        self._calls: set[asyncio.Task[None]] = set()
        self.code = CODE.format(port=self._socket.getsockname()[1])

    async def __aenter__(self) -> Self:
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        tasks = [self._listening, *self._calls]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._socket.close()
        self._file.close()

    async def news(self) -> None:
        """Returns when the next mark is made."""
        self._news.clear()
        await self._news.wait()

    async def _listen(self) -> None:
        while True:
            connection, _ = await asyncio.get_running_loop().sock_accept(self._socket)
            task = asyncio.create_task(self._call(connection))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)

    async def _call(self, connection: socket.socket) -> None:
        with connection:
            who = await _line(connection)
            if not who:
                return  # it died before it could say its name, and had not begun
            job, _, attempt = who.partition(" ")
            if any(not _hung_up(other) for other in self._alive[job]):
                self.overlaps.append(f"{job} attempt {attempt}")
            self._alive[job].append(connection)
            try:
                await self._hear(connection, job, int(attempt))
            finally:
                self._alive[job].remove(connection)

    async def _hear(self, connection: socket.socket, job: str, attempt: int) -> None:
        self._note(job, attempt, "start")
        self.started.add(job)
        if not await _say(connection, b"go\n") or await _line(connection) != "end":
            self._note(job, attempt, "gone")
            return
        self._note(job, attempt, "end")
        await _say(connection, b"ok\n")

    def _note(self, job: str, attempt: int, what: str) -> None:
        mark = Mark(time.time_ns() // 1000, job, attempt, what)
        self.marks.append(mark)
        self._file.write(f"{mark}\n")
        self._news.set()


async def _say(connection: socket.socket, words: bytes) -> bool:
    try:
        await asyncio.get_running_loop().sock_sendall(connection, words)
    except OSError:
        return False
    return True


async def _line(connection: socket.socket) -> str:
    """The next line without its end; "" when the other side is gone before."""
    heard = b""
    while not heard.endswith(b"\n") and len(heard) < _LINE_BYTES_MAX:
        try:
            more = await asyncio.get_running_loop().sock_recv(connection, _LINE_BYTES_MAX)
        except OSError:
            return ""
        if not more:
            return ""
        heard += more
    return heard.decode().rstrip("\n")


def _hung_up(connection: socket.socket) -> bool:
    """Whether the other side is gone, though we may not have heard of it yet; or has ended."""
    with suppress(BlockingIOError):
        try:
            return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except OSError:
            return True
    return False

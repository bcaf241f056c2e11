"""Who hears of every moment in which an attempt of a job is alive."""

from __future__ import annotations

import socket
import threading
from collections import defaultdict
from contextlib import suppress

from tests.roles._process import until

_CODE = """
import os, socket, time
def main(endless: int):
    attempt = int(os.environ["WM_ATTEMPT"])
    there = socket.create_connection(("127.0.0.1", {port}))
    begin = time.clock_gettime(time.CLOCK_BOOTTIME)
    while True:
        now = time.clock_gettime(time.CLOCK_BOOTTIME)
        there.sendall(b"%d %.4f\\n" % (attempt, now))
        if attempt > endless and now > begin + 0.3:
            return attempt
        time.sleep(0.005)
"""


class Witness:
    """A port of this machine; `code` is a script that says there, all the time, that it is alive.
    Its first `endless` attempts never end by themselves, the others soon do.
    """

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._heard: dict[int, list[float]] = defaultdict(list)
        self._alive: set[int] = set()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        self.code = _CODE.replace("{port}", str(self._socket.getsockname()[1]))

    def begun(self, attempt: int) -> None:
        """Returns when the attempt has been heard."""
        until(lambda: attempt in self._heard, f"attempt {attempt} begins")

    def gone(self, attempt: int) -> None:
        """Returns when nothing is alive of an attempt that has begun."""
        self.begun(attempt)
        until(lambda: attempt not in self._alive, f"attempt {attempt} ends")

    def attempts_apart(self) -> list[int]:
        """The attempts, each of which ended before the next one began."""
        spans = {attempt: (min(when), max(when)) for attempt, when in self._heard.items()}
        for attempt in sorted(spans)[1:]:
            ended, began = spans[attempt - 1][1], spans[attempt][0]
            assert ended < began, f"attempt {attempt} began {ended - began:.3f} s too early"
        return sorted(spans)

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._listen, args=(connection,), daemon=True).start()

    def _listen(self, connection: socket.socket) -> None:
        attempt = 0
        with suppress(OSError), connection, connection.makefile() as said:
            for line in said:
                word, moment = line.split()
                attempt = int(word)
                self._alive.add(attempt)
                self._heard[attempt].append(float(moment))
        self._alive.discard(attempt)

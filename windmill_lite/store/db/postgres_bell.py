"""The bell between processes: LISTEN and NOTIFY on one connection of its own.

* A ring is heard in this process at once, and by the others when the next notice goes out: at most
  one every `COALESCE_S`, naming each topic once. NOTIFY takes a lock of the whole server at commit;
  inside every enqueueing transaction it cost three quarters of the throughput (9,900/s to 2,400/s).
* A notice is the topics, joined by line ends. `*` is every topic: somebody had more to tell than is
  worth listing.
* Our own notices come back to us like all others; we know them by the process id of our backend.
* When the connection is lost, we connect again, waiting longer each time, and then ring every
  topic: nobody knows what was missed. What we could not tell is told then.
* Without rings nothing is sent and no timer runs.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterable, Iterator
from contextlib import suppress

from windmill_lite.base.bell import Ears, LocalBell
from windmill_lite.base.errors import Bug, Unavailable
from windmill_lite.store.db.postgres_errors import DRIVER_ERRORS
from windmill_lite.store.db.postgres_link import AnyConnection, Connection, Server, disconnect

log = logging.getLogger(__name__)

CHANNEL = "windmill_lite"
EVERYTHING = "*"
COALESCE_S = 0.005
NOTICE_BYTES_MAX = 7_900  # Postgres takes less than 8,000
PENDING_MAX = 1_000  # topics that wait while the connection is lost; more become `*`
BACKOFF_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class PostgresBell:
    """See `base.bell.Bell`."""

    def __init__(self, server: Server) -> None:
        self.notices = 0  # how many were sent
        self._server = server
        self._local = LocalBell()
        self._pending: dict[str, None] = {}  # a set that keeps its order
        self._woken = asyncio.Event()
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None

    def ring(self, topic: str) -> None:
        if "\n" in topic or len(topic.encode()) > NOTICE_BYTES_MAX:
            raise Bug(f"{topic[:80]!r} cannot be a topic")
        self._local.ring(topic)
        self._pending[topic] = None
        if len(self._pending) > PENDING_MAX:
            self._pending = {EVERYTHING: None}
        self._woken.set()

    def listen(self, *topics: str) -> Ears:
        return self._local.listen(*topics)

    async def start(self) -> None:
        """From here on we hear the others. Fails: `Unavailable`."""
        if self._task is None:
            self._connection = await self._listening()
            self._task = asyncio.create_task(self._serve(self._connection), name="bell")

    async def stop(self) -> None:
        """Sends what waits. Harmless when repeated or never started."""
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with suppress(*DRIVER_ERRORS):
                await self._send(connection)
            await disconnect(connection)

    async def _serve(self, connection: Connection) -> None:
        while True:
            try:
                await self._send_until_lost(connection)
            except DRIVER_ERRORS as error:
                log.debug("the bell's connection failed: %s", error)
            connection.terminate()
            log.warning("the bell's connection to Postgres is lost; connecting again")
            connection = self._connection = await self._again()
            log.info("the bell is connected again")
            self._local.ring_all()
            self._woken.set()

    async def _send_until_lost(self, connection: Connection) -> None:
        while not connection.is_closed():
            await self._woken.wait()
            self._woken.clear()
            await self._send(connection)
            await asyncio.sleep(COALESCE_S)

    async def _send(self, connection: Connection) -> None:
        """Empties what is pending; on a failure all of it is pending again: twice is harmless."""
        topics, self._pending = self._pending, {}
        try:
            for notice in notices(topics):
                async with asyncio.timeout(self._server.deadlines.statement_s):
                    await connection.execute("select pg_notify($1, $2)", CHANNEL, notice)
                self.notices += 1
        except BaseException:
            self._pending = topics | self._pending
            raise

    async def _again(self) -> Connection:
        failures = 0
        while True:
            pause_s = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311  (no secret)
            try:
                return await self._listening()
            except Unavailable as error:
                failures += 1
                log.debug("%s", error)

    async def _listening(self) -> Connection:
        connection = await self._server.connect()
        try:
            async with asyncio.timeout(self._server.deadlines.statement_s):
                await connection.add_listener(CHANNEL, self._heard)
        except DRIVER_ERRORS:
            connection.terminate()
            raise Unavailable("the connection to Postgres was lost") from None
        connection.add_termination_listener(self._lost)
        return connection

    def _heard(self, connection: AnyConnection, pid: int, channel: str, notice: object) -> None:
        if pid == connection.get_server_pid():
            return
        for topic in str(notice).split("\n"):
            if topic == EVERYTHING:
                self._local.ring_all()
            else:
                self._local.ring(topic)

    def _lost(self, connection: AnyConnection) -> None:
        self._woken.set()


def notices(topics: Iterable[str]) -> Iterator[str]:
    """As few texts as hold all topics, none longer than a notice may be."""
    text = ""
    for topic in topics:
        longer = f"{text}\n{topic}" if text else topic
        if len(longer.encode()) > NOTICE_BYTES_MAX:
            yield text
            longer = topic
        text = longer
    if text:
        yield text

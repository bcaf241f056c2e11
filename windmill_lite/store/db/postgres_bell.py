"""The bell between processes: LISTEN and NOTIFY on one connection of its own.

* A ring is heard in this process at once, and by the others when the next notice goes out: at most
  one every `COALESCE_S`, naming each topic once. NOTIFY takes a lock of the whole server at commit;
  inside every enqueueing transaction it cost three quarters of the throughput (9,900/s to 2,400/s).
* A notice is the topics, joined by line ends. `*` is every topic: somebody had more to tell than is
  worth listing.
* Our own notices come back to us like all others; we know them by the process id of our backend.
* When the connection is lost, we connect again, waiting longer each time, and then ring every
  topic: nobody knows what was missed. What we could not tell is told then.
* Without rings nothing is sent, and nothing wakes up more than once an hour.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress

from windmill_lite.base.bell import Ears, LocalBell
from windmill_lite.base.errors import Bug, Unavailable
from windmill_lite.base.service import Ticker
from windmill_lite.store.db.postgres_errors import DRIVER_ERRORS
from windmill_lite.store.db.postgres_link import AnyConnection, Connection, Server, disconnect

log = logging.getLogger(__name__)

CHANNEL = "windmill_lite"
EVERYTHING = "*"
COALESCE_S = 0.005
NOTICE_BYTES_MAX = 7_900  # Postgres takes less than 8,000
PENDING_MAX = 1_000  # topics that wait while the connection is lost; more become `*`
RECONNECT_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)  # pauses, the last one for ever
ASLEEP_S = 3600.0  # without rings

_PENDING = "pending"  # the courier's own topic


class PostgresBell:
    """See `base.bell.Bell`."""

    def __init__(self, server: Server) -> None:
        self._local = LocalBell()
        self._courier = Courier(server, self._local)

    @property
    def notices(self) -> int:
        """How many were sent."""
        return self._courier.notices

    def ring(self, topic: str, said: object = None) -> None:
        if "\n" in topic or len(topic.encode()) > NOTICE_BYTES_MAX:
            raise Bug(f"{topic[:80]!r} cannot be a topic")
        self._local.ring(topic, said)
        self._courier.add(topic)

    def listen(self, *topics: str) -> Ears:
        return self._local.listen(*topics)

    async def start(self) -> None:
        """From here on we hear the others. Fails: `Unavailable`."""
        await self._courier.start()

    async def stop(self) -> None:
        """Sends what waits. Harmless when repeated or never started."""
        await self._courier.stop()


class Courier(Ticker):
    """Carries rings to the other processes and theirs to us."""

    name = "bell"
    topics = (_PENDING,)

    def __init__(self, server: Server, local: LocalBell) -> None:
        self._own = LocalBell()
        super().__init__(self._own)
        self.notices = 0
        self._server = server
        self._local = local
        self._pending: dict[str, None] = {}  # a set that keeps its order
        self._connection: Connection | None = None
        self._failures = 0
        self._not_before = 0.0  # of the loop's clock: when to try to connect again

    def add(self, topic: str) -> None:
        """To be told to the others soon."""
        self._pending[topic] = None
        if len(self._pending) > PENDING_MAX:
            self._pending = {EVERYTHING: None}
        self._own.ring(_PENDING)

    async def start(self) -> None:
        if self._connection is None:
            self._connection = await self._listening()
        await super().start()

    async def stop(self) -> None:
        await super().stop()
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with suppress(*DRIVER_ERRORS):
                await self._send(connection)
            await disconnect(connection)

    async def tick(self) -> float:
        """Sends what is pending; connects again when the connection is lost."""
        connection = self._connection
        if connection is None or connection.is_closed():
            return await self._reconnected()
        try:
            if self._pending:
                await self._send(connection)
                await asyncio.sleep(COALESCE_S)
        except DRIVER_ERRORS as error:
            log.debug("the bell's connection failed: %s", error)
            connection.terminate()
            return 0.0
        return ASLEEP_S

    async def _reconnected(self) -> float:
        """Tries once, unless it is too early; the pause until the next tick."""
        clock = asyncio.get_running_loop().time
        if (early_s := self._not_before - clock()) > 0:
            return early_s
        try:
            self._connection = await self._listening()
        except Unavailable as error:
            pause_s = RECONNECT_S[min(self._failures, len(RECONNECT_S) - 1)]
            if self._failures == 0:
                log.warning("the bell is silent: %s", error)
            self._failures += 1
            self._not_before = clock() + pause_s
            return pause_s
        log.info("the bell is connected again")
        self._failures = 0
        self._local.ring_all()
        return 0.0

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
        self._own.ring(_PENDING)


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

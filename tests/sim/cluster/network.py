"""Between the processes and the database: requests, answers and rings that take their time or get
lost.

A request is executed at one moment, whatever has become of who sent it: so a process may die, or
freeze, before its commit and after it, and a commit may happen whose answer never comes. What the
client then learns is what the port promises: `OutcomeUnknown` after a write that may have happened,
`Unavailable` after one that did not.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import Context
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from tests.sim.cluster.judge import Judge
from tests.sim.cluster.loop import Condition, Process, SimLoop
from tests.sim.cluster.server import Committed, Server
from tests.sim.invariants import Watcher
from windmill_lite.base.bell import Ear, Ears
from windmill_lite.base.errors import Unavailable
from windmill_lite.store.db.port import Body, Dialect, OutcomeUnknown, Query, Row, Value, View

T = TypeVar("T")

SLOW_S = 4.0  # one way, at most; there and back a client still waits
GIVE_UP_S = (0.05, 3.0, 6.0, 9.0)  # after which a client has had enough


@dataclass(slots=True)
class Weather:
    """What the network does at the moment. Shares are of 1."""

    away_until_s: float = 0.0  # the database, for everybody
    deaf_until_s: float = 0.0  # rings do not arrive
    requests_lost: float = 0.0
    answers_lost: float = 0.0
    rings_lost: float = 0.0
    slow: float = 0.0  # requests that take seconds

    def clear(self) -> None:
        self.away_until_s = self.deaf_until_s = 0.0
        self.requests_lost = self.answers_lost = self.rings_lost = self.slow = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """On its way to the database."""

    link: Link
    work: Callable[[], Any]
    answer: asyncio.Future[Any]
    writes: bool


class Network:
    """Carries everything, and looks at the database after each commit."""

    def __init__(self, loop: SimLoop, server: Server, rng: Random) -> None:
        self.loop = loop
        self.server = server
        self.weather = Weather()
        self.links: list[Link] = []
        self.commits = 0
        self._rng = rng
        self._outside = Context()

    def watch(self, watcher: Watcher, judge: Judge) -> None:
        self._watcher, self._judge = watcher, judge

    def later(self, delay_s: float, callback: Callable[..., object], *args: Any) -> None:
        """In the kernel, which nobody can stop."""
        self.loop.call_later(delay_s, callback, *args, context=self._outside)

    def ask(self, link: Link, work: Callable[[], T], *, writes: bool) -> asyncio.Future[T]:
        answer: asyncio.Future[T] = self.loop.create_future()
        request = Request(link, work, answer, writes)
        if self._cut(link):
            self._refuse(request)
        else:
            self.later(self._travel_s(link), self._arrive, request)
        return answer

    def ring(self, topics: Sequence[str], source: Link | None) -> None:
        for link in self.links:
            lost = self._cut(link) or self._draw(self.weather.rings_lost)
            if link is source or link.solo or not lost:
                delay_s = 0.0 if link is source else self._travel_s(link)
                self.later(delay_s, self._hear, link, topics)

    def _hear(self, link: Link, topics: Sequence[str]) -> None:
        for topic in topics:
            self.loop.deliver(link.process, link.bell.hear, topic)

    def _arrive(self, request: Request) -> None:
        link = request.link
        if link.process.condition is Condition.DEAD and self._draw(0.5):
            return  # it had not left yet
        if self._cut(link) or self._draw(0.0 if link.solo else self.weather.requests_lost):
            self._refuse(request)
            return
        try:
            result = request.work()
        except Exception as error:  # noqa: BLE001  (the answer is that it failed)
            self.later(self._travel_s(link), _settle, request.answer, None, error)
            return
        if isinstance(result, Committed):
            self._committed(link, result)
            result = result.result
        if not link.solo and self._draw(self.weather.answers_lost):
            self._lose(request)
        else:
            self.later(self._travel_s(link), self._reply, request, result)

    def _committed(self, link: Link, done: Committed[Any]) -> None:
        self.commits += 1
        self._judge.tell(link.process.name, f"committed, rings {' '.join(done.topics)}")
        try:
            touched = self.server.touched()
            self._watcher.look_at(self.server.facts(), touched)
        except AssertionError as fault:
            self._judge.fault(str(fault))
        if self.loop.time() >= self.weather.deaf_until_s:
            self.ring(done.topics, link)

    def _reply(self, request: Request, result: Any) -> None:
        if self._cut(request.link):
            self._lose(request)
        else:
            _settle(request.answer, result, None)

    def _refuse(self, request: Request) -> None:
        away = Unavailable("away")
        self.later(self._rng.choice(GIVE_UP_S), _settle, request.answer, None, away)

    def _lose(self, request: Request) -> None:
        unknown = request.writes
        lost = OutcomeUnknown("the answer got lost") if unknown else Unavailable("no answer")
        self.later(self._rng.choice(GIVE_UP_S), _settle, request.answer, None, lost)

    def _cut(self, link: Link) -> bool:
        now_s = self.loop.time()
        return not link.solo and now_s < max(self.weather.away_until_s, link.cut_until_s)

    def _travel_s(self, link: Link) -> float:
        if not link.solo and self._draw(self.weather.slow):
            return self._rng.uniform(0.1, SLOW_S)
        return self._rng.uniform(0.0002, 0.01)

    def _draw(self, share: float) -> bool:
        return share > 0 and self._rng.random() < share


def _settle(answer: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)


class Link:
    """One process' `port.Db`. `solo`: the database is in the process, and nothing gets lost."""

    def __init__(self, network: Network, process: Process, *, solo: bool) -> None:
        self.process = process
        self.solo = solo
        self.bell = SimBell(network, self)
        self.cut_until_s = 0.0
        self.trusted_until_s: float | None = None  # how long the guard lets its cells live
        self._network = network
        network.links.append(self)

    @property
    def changes(self) -> int | None:
        """Nobody knows: others write, too."""
        return None

    @property
    def dialect(self) -> Dialect:
        """What the world asks to know whether it is alone."""
        return "sqlite" if self.solo else "postgres"

    async def write(self, body: Body[T]) -> T:
        server = self._network.server
        result: Any = await self._network.ask(self, lambda: server.transact(body), writes=True)
        return result  # type: ignore[no-any-return]

    @asynccontextmanager
    async def view(self, *, snapshot: bool = False) -> AsyncIterator[View]:
        assert not snapshot, "a view of one moment is not simulated"
        yield _RemoteView(self._network, self)

    async def open(self) -> None:
        """It is open."""

    async def migrate(self) -> Sequence[str]:
        return ()

    async def close(self) -> None:
        if self in self._network.links:
            self._network.links.remove(self)


class _RemoteView:
    def __init__(self, network: Network, link: Link) -> None:
        self._network = network
        self._link = link

    async def one(self, query: Query, **params: Value) -> Row | None:
        rows = await self.all(query, **params)
        return rows[0] if rows else None

    async def all(self, query: Query, **params: Value) -> list[Row]:
        server = self._network.server
        return await self._network.ask(self._link, lambda: server.read(query, params), writes=False)


@dataclass(eq=False)
class SimBell:
    """One process' ears, in the order in which they came."""

    network: Network
    link: Link
    ears: dict[str, dict[Ear, None]] = field(default_factory=dict)

    def ring(self, topic: str, said: object = None) -> None:
        self.network.ring((topic,), self.link)

    def hear(self, topic: str) -> None:
        for ear in list(self.ears.get(topic, ())):
            ear.ring()

    def listen(self, *topics: str) -> Ears:
        return self._listening(topics)

    @contextmanager
    def _listening(self, topics: tuple[str, ...]) -> Iterator[Ear]:
        ear = Ear()
        for topic in topics:
            self.ears.setdefault(topic, {})[ear] = None
        try:
            yield ear
        finally:
            for topic in topics:
                self.ears[topic].pop(ear, None)

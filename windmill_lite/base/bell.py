"""Ring a topic, wake who listens: a hint, never the truth.

Everyone who waits also polls, so a lost ring costs a poll interval and never a job. A ring that
comes while a listener is busy is remembered: its next `wait` returns at once.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import AbstractContextManager
from typing import Protocol


class Ear:
    """One listener's memory of rings. One at a time waits."""

    def __init__(self) -> None:
        self.rang = False  # since the last `wait`, which would return at once
        self.said: object = None  # what came last with a ring
        self._waiting: asyncio.Future[None] | None = None

    def ring(self, said: object = None) -> None:
        self.rang = True
        if said is not None:
            self.said = said
        if self._waiting is not None:
            _wake(self._waiting)

    async def wait(self, timeout_s: float) -> bool:
        """True when it rang since the last `wait`; False after `timeout_s` of silence."""
        if not self.rang:
            loop = asyncio.get_running_loop()
            self._waiting = loop.create_future()
            timer = loop.call_later(timeout_s, _wake, self._waiting)
            try:
                await self._waiting
            finally:
                timer.cancel()
                self._waiting = None
        rang, self.rang = self.rang, False
        return rang


def _wake(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


#: `with bell.listen("queue") as ear:` hears every ring from here on.
Ears = AbstractContextManager[Ear]


class Bell(Protocol):
    """`ring` may be called from the event loop's thread only and never blocks. What is `said` with
    it is heard in this process at best: who needs it can also find it elsewhere.
    """

    def ring(self, topic: str, said: object = None) -> None: ...

    def listen(self, *topics: str) -> Ears: ...


class LocalBell:
    """The bell inside one process; the Postgres bell carries its rings between processes."""

    def __init__(self) -> None:
        self._ears: defaultdict[str, set[Ear]] = defaultdict(set)

    def ring(self, topic: str, said: object = None) -> None:
        for ear in self._ears.get(topic, ()):
            ear.ring(said)

    def ring_all(self) -> None:
        """Wakes everyone: after a gap in the connection nobody knows what was missed."""
        for ears in self._ears.values():
            for ear in ears:
                ear.ring()

    def listen(self, *topics: str) -> Ears:
        return _Listening(self._ears, topics)


class _Listening(AbstractContextManager[Ear]):
    """Every job is listened for some times: a generator would cost three times as much."""

    def __init__(self, ears: defaultdict[str, set[Ear]], topics: tuple[str, ...]) -> None:
        self._ears, self._topics, self._ear = ears, topics, Ear()

    def __enter__(self) -> Ear:
        for topic in self._topics:
            self._ears[topic].add(self._ear)
        return self._ear

    def __exit__(self, *_: object) -> None:
        for topic in self._topics:
            self._ears[topic].discard(self._ear)
            if not self._ears[topic]:
                del self._ears[topic]

"""Ring a topic, wake who listens: a hint, never the truth.

Everyone who waits also polls, so a lost ring costs a poll interval and never a job. A ring that
comes while a listener is busy is remembered: its next `wait` returns at once.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Ear:
    """One listener's memory of rings."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    @property
    def rang(self) -> bool:
        """Whether it rang since the last `wait`, which would return at once."""
        return self._rung.is_set()

    async def wait(self, timeout_s: float) -> bool:
        """True when it rang since the last `wait`; False after `timeout_s` of silence."""
        if not self._rung.is_set():
            try:
                async with asyncio.timeout(timeout_s):
                    await self._rung.wait()
            except TimeoutError:
                return False
        self._rung.clear()
        return True


#: `with bell.listen("queue") as ear:` hears every ring from here on.
Ears = AbstractContextManager[Ear]


class Bell(Protocol):
    """`ring` may be called from the event loop's thread only and never blocks."""

    def ring(self, topic: str) -> None: ...

    def listen(self, *topics: str) -> Ears: ...


class LocalBell:
    """The bell inside one process; the Postgres bell carries its rings between processes."""

    def __init__(self) -> None:
        self._ears: defaultdict[str, set[Ear]] = defaultdict(set)

    def ring(self, topic: str) -> None:
        for ear in self._ears.get(topic, ()):
            ear.ring()

    def ring_all(self) -> None:
        """Wakes everyone: after a gap in the connection nobody knows what was missed."""
        for ears in self._ears.values():
            for ear in ears:
                ear.ring()

    @contextmanager
    def _listening(self, topics: tuple[str, ...]) -> Iterator[Ear]:
        ear = Ear()
        for topic in topics:
            self._ears[topic].add(ear)
        try:
            yield ear
        finally:
            for topic in topics:
                self._ears[topic].discard(ear)
                if not self._ears[topic]:
                    del self._ears[topic]

    def listen(self, *topics: str) -> Ears:
        return self._listening(topics)

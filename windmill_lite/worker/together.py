"""Work that many wait for and that is done once; all of them hear what it says.

Who stops waiting does not stop the others, nor the work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Say = Callable[[bytes], None]
T = TypeVar("T")


class Together(Generic[T]):
    """Work under way, by its key. Who comes when it is over begins it anew."""

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Task[T]] = {}
        self._listeners: dict[str, list[Say]] = {}

    async def do(self, key: str, work: Callable[[Say], Coroutine[Any, Any, T]], say: Say) -> T:
        """The answer of `work`, which is given what tells all who wait."""
        task = self._under_way.get(key)
        if task is None:
            listeners = self._listeners[key] = []
            task = self._under_way[key] = asyncio.create_task(self._run(key, work, listeners))
        listeners = self._listeners[key]
        listeners.append(say)
        try:
            return await asyncio.shield(task)
        finally:
            listeners.remove(say)

    async def _run(
        self, key: str, work: Callable[[Say], Coroutine[Any, Any, T]], listeners: list[Say]
    ) -> T:
        def tell(piece: bytes) -> None:
            for say in tuple(listeners):
                say(piece)

        try:
            return await work(tell)
        finally:
            del self._under_way[key], self._listeners[key]

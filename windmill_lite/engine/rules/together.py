"""What many want to know at the same moment is read once.

Who comes while a read is under way does not take its answer, which may be older than the question.
They wait for its end; the first of them reads anew, and the others take that answer. Nobody waits
for a timer, and one who is alone does not wait at all.

What was read is kept as long as nothing lasting changes (`Db.changes`): where one process owns the
database, most requests read nothing before they write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from windmill_lite.model import limits

T = TypeVar("T")


@dataclass(slots=True)
class _Round:
    """One read; it has neither `found` nor `error` when its caller went away."""

    ended: asyncio.Event = field(default_factory=asyncio.Event)
    found: tuple[Any] | None = None
    error: Exception | None = None


@dataclass(slots=True)
class Together:
    """Of one process."""

    _rounds: dict[Hashable, _Round] = field(default_factory=dict)  # under way
    _kept: dict[Hashable, Any] = field(default_factory=dict)  # read since the changes were `_at`
    _at: int | None = None

    async def read(
        self, key: Hashable, read: Callable[[], Awaitable[T]], at: int | None = None
    ) -> T:
        """What `read` returns or raises; of all who ask with an equal key it is one that reads. A
        caller that goes away stops nobody else. `at` is `Db.changes`, of a read of what lasts.
        """
        if at is not None and at != self._at:
            self._at, self._kept = at, {}
        if at is not None and key in self._kept:
            kept: T = self._kept[key]
            return kept
        if (earlier := self._rounds.get(key)) is not None:
            await earlier.ended.wait()
            while (later := self._rounds.get(key)) is not None:
                await later.ended.wait()
                if later.error is not None:
                    raise later.error
                if later.found is not None:
                    found: T = later.found[0]
                    return found
        ours = self._rounds[key] = _Round()
        try:
            ours.found = (await read(),)
        except Exception as error:
            ours.error = error
            raise
        finally:
            del self._rounds[key]
            ours.ended.set()
        if at is not None and at == self._at:  # it began after those changes, none has come since
            if len(self._kept) >= limits.ANSWERS_KEPT_MAX:
                self._kept.clear()
            self._kept[key] = ours.found[0]
        return ours.found[0]

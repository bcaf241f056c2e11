"""Who decides about the same flow in this process at the same time.

A decision is made without a lock and made again when another was quicker. Where many children of
one flow end at once that would be most of the work: of n decisions one is stored, and the others
begin again. So after the first that was too late those about the same root wait for each other, as
long as there are any. Other processes do not take part: versions decide, as ever.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from uuid import UUID
from weakref import WeakValueDictionary


def _none() -> WeakValueDictionary[UUID, asyncio.Lock]:
    return WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Crowding:
    _locks: WeakValueDictionary[UUID, asyncio.Lock] = field(default_factory=_none)

    def found(self, root: UUID) -> asyncio.Lock | None:
        """What to wait for before deciding, where there is a crowd."""
        return self._locks.get(root)

    def joined(self, root: UUID) -> asyncio.Lock:
        """The same for who was too late; it is there as long as anybody has it."""
        lock = self._locks.get(root)
        if lock is None:
            lock = self._locks[root] = asyncio.Lock()
        return lock

"""Time as a thing that is passed in, so that tests can move it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """`now` is aware UTC; `monotonic_s` only ever grows, also while the machine is suspended, and
    is for durations in a process: how long nobody has heard of us, how long we may trust a lease.
    """

    def now(self) -> datetime: ...

    def monotonic_s(self) -> float: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)


def to_us(moment: datetime) -> int:
    """Microseconds since the epoch, exactly: how the database stores every moment."""
    delta = moment - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_us(value: int) -> datetime:
    """The inverse of `to_us`; aware UTC."""
    return EPOCH + timedelta(microseconds=value)

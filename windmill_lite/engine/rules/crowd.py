"""No workspace queues more jobs than `QUEUED_MAX`.

Counting a long queue for every new job would make a flood slower the longer it lasts. So a process
counts once in a while and in between adds what it lets in itself: a bound that only ever errs
upwards, and is counted anew when it reaches the limit. Other processes do the same, so that the
limit is passed by what they let in between two counts, at most.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from windmill_lite.base.errors import Busy
from windmill_lite.model import limits
from windmill_lite.store.db.port import Db
from windmill_lite.store.machine import queue


@dataclass(slots=True)
class _Count:
    jobs: int
    full: bool  # it was, when it was counted
    at_s: float  # of the monotonic clock


@dataclass(slots=True)
class Crowd:
    """How many jobs wait in each workspace, at most."""

    _counts: dict[str, _Count] = field(default_factory=dict)

    async def admit(self, db: Db, workspace: str, now_s: float) -> None:
        """Lets one more job in. Fails: `Busy` when the workspace's queue is full."""
        count = self._counts.get(workspace)
        if count is None or self._is_old(count, now_s):
            async with db.view() as view:
                jobs = await queue.count_queued(view, workspace, at_most=limits.QUEUED_MAX)
            count = self._counts[workspace] = _Count(jobs, jobs >= limits.QUEUED_MAX, now_s)
        if count.full:
            raise Busy(
                f"{limits.QUEUED_MAX} jobs are queued in workspace {workspace}, which is the limit",
                retry_after_s=limits.QUEUED_RETRY_S,
            )
        count.jobs += 1

    def _is_old(self, count: _Count, now_s: float) -> bool:
        """A full queue is counted more often: it should be seen soon that it no longer is."""
        if count.full:
            return now_s - count.at_s >= limits.QUEUED_RETRY_S
        return count.jobs >= limits.QUEUED_MAX or now_s - count.at_s >= limits.QUEUED_COUNT_S

"""What must hold of schedules: each tick of the grid has one turn, and says what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from tests.sim.facts import Asked
from windmill_lite.base.ids import dated_id


class Turn(NamedTuple):
    """A row of `tick`; moments in µs."""

    workspace: str
    path: str
    at: int
    until: int
    number: int  # of ticks that this stands for
    job_id: UUID | None
    skipped: str | None


def is_of_tick(job_id: UUID, job: Asked) -> bool:
    """Whether this is the one job that a tick of a schedule may have."""
    name = f"schedule/{job.workspace}/{job.schedule_path}"
    return job.schedule_path is not None and job_id == dated_id(job.scheduled_for, name)


def tick_faults(turns: Sequence[Turn], jobs: Mapping[UUID, Asked], every_us: int) -> Iterator[str]:
    """Of one schedule that was never edited, from its first tick on."""
    expected = turns[0].at if turns else 0
    for turn in turns:
        if turn.at != expected:
            yield f"the tick at {turn.at} follows where the one at {expected} should be"
        if turn.until != turn.at + (turn.number - 1) * every_us:
            yield f"the tick at {turn.at} stands for {turn.number} until {turn.until}"
        if turn.job_id is not None and turn.job_id not in jobs:
            yield f"the tick at {turn.at} has the job {turn.job_id}, which does not exist"
        expected = turn.until + every_us
    with_tick = {turn.job_id for turn in turns}
    for job_id, job in jobs.items():
        if is_of_tick(job_id, job) and job_id not in with_tick:
            yield f"the job {job_id} is of a tick that has no record"

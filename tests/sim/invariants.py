"""What must hold whatever has happened.

`Watcher.look` is for every moment, `Watcher.at_rest` for the end, when faults have stopped and
everything had time to settle.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from tests.sim.facts import Chunk, End, Facts, Live
from tests.sim.ledger import Ledger
from tests.sim.ticks import is_of_tick
from windmill_lite.core.jobs.lifecycle import ARROWS

COMPLETED: Final = "completed"
_ALONG: Final = frozenset((str(arrow.start), str(arrow.end)) for arrow in ARROWS)
#: A transaction that hands out jobs may make them ready itself.
_READY: Final = frozenset(
    (start, after)
    for start, end in _ALONG
    for ready, after in _ALONG
    if end == ready == "queued" and start != "running"
)
_NEW: Final = frozenset((None, state) for state in ("queued", "delayed", "blocked", "suspended"))
#: When its parent was canceled, or its answer is known; a body that needs no jobs.
_STILLBORN: Final = frozenset({(None, COMPLETED)})
#: Where one transaction may bring a job; None is "not there". A job skips the queue only when its
#: answer is known.
STEPS: Final = _ALONG | _READY | _NEW | _STILLBORN


class ViolationError(AssertionError):
    """An invariant does not hold; the message is a sentence about one job."""


@dataclass(slots=True)
class Watcher:
    """Remembers what it has seen. `every_commit` when it looks after each transaction: then it also
    knows which moves there were.
    """

    ledger: Ledger
    every_commit: bool = False
    _states: dict[UUID, str] = field(default_factory=dict)
    _attempts: dict[UUID, int] = field(default_factory=dict)
    _ends: dict[UUID, End] = field(default_factory=dict)
    _doomed: set[UUID] = field(default_factory=set)  # a parent was canceled before their end

    def look(self, facts: Facts) -> None:
        """Fails: `ViolationError` with the first sentence that is not true."""
        ledger = self.ledger
        known = facts.jobs.keys() | facts.live.keys() | facts.ends.keys() | self._states.keys()
        self.look_at(facts, known | ledger.pushed | ledger.canceled | ledger.ended)

    def look_at(self, facts: Facts, jobs: Iterable[UUID]) -> None:
        """The same for some of the jobs: those that a transaction has touched."""
        for job_id in jobs:
            _raise(self._whole(facts, job_id))
            self._doom(facts, job_id)
            _raise(self._ended(facts, job_id))
            _raise(self._moved(facts, job_id))
            _raise(_log_faults(job_id, facts.logs.get(job_id, [])))
            _raise(_crowd_faults(facts, job_id))
            _raise(_attempt_faults(facts, job_id))

    def at_rest(self, facts: Facts) -> None:
        """Nothing is left to do, and everybody was told the truth."""
        self.look(facts)
        _raise(self._settled(facts))

    def _whole(self, facts: Facts, job_id: UUID) -> Iterator[str]:
        """The job is in exactly one place, and neither missing nor uncalled for."""
        places = (job_id in facts.live) + (job_id in facts.ends)
        if job_id in facts.jobs:
            if places != 1:
                yield f"{job_id} is in {places} of queue and done"
            if job_id not in self.ledger.asked and not _follows(facts, job_id):
                yield f"{job_id} was never asked for"
            if job_id in self.ledger.refused and job_id not in self.ledger.pushed:
                yield f"{job_id} was refused and exists"
        elif places:
            yield f"{job_id} is nobody's job"
        elif job_id in self.ledger.pushed:
            yield f"{job_id} was acknowledged and does not exist"
        elif job_id in self._states:
            yield f"{job_id} has vanished"

    def _doom(self, facts: Facts, job_id: UUID) -> None:
        job = facts.jobs.get(job_id)
        if job is None or job.parent_id is None or job_id in self._ends:
            return
        parent: Live | End | None = facts.live.get(job.parent_id) or facts.ends.get(job.parent_id)
        if parent is not None and parent.canceled_by is not None:
            self._doomed.add(job_id)

    def _ended(self, facts: Facts, job_id: UUID) -> Iterator[str]:
        """An end is final, is of the attempt that reported it, and heeds a cancellation."""
        end, before = facts.ends.get(job_id), self._ends.get(job_id)
        if before is not None and end is not None and end.deleted > before.deleted:
            before = before._replace(result=end.result, deleted=end.deleted)
        if before is not None and before != end:
            yield f"{job_id} had ended as {before} and is now {end}"
        if end is None:
            if job_id in self.ledger.ended:
                yield f"{job_id} was said to have completed and has not"
            return
        self._ends[job_id] = end
        said = self._may_say(facts, job_id, end)
        if end.outcome == "success" and end.result not in said:
            yield f"{job_id} ended with {end.result}, which attempt {end.attempt} never said"
        if (end.outcome == "canceled") != (end.canceled_by is not None):
            yield f"{job_id} ended as {end.outcome}, canceled by {end.canceled_by}"
        if job_id in self._doomed and end.outcome != "canceled":
            yield f"{job_id} ended as {end.outcome}, and its parent had been canceled"
        if job_id in self.ledger.canceled and end.outcome != "canceled":
            yield f"{job_id} ended as {end.outcome} after it had been canceled"

    def _may_say(self, facts: Facts, job_id: UUID, end: End) -> Collection[str]:
        """The results that a job may have."""
        if end.deleted or facts.jobs[job_id].is_flow:
            return (end.result,)
        source = facts.ends.get(end.cached_from) if end.cached_from else None
        if source is not None:
            return (source.result,)
        return self.ledger.reports.get((job_id, end.attempt), ())

    def _moved(self, facts: Facts, job_id: UUID) -> Iterator[str]:
        """Jobs go along the arrows; only an attempt handed back is not counted."""
        live, end = facts.live.get(job_id), facts.ends.get(job_id)
        if live is not None:
            state, attempt = live.state, live.attempt
            yield from _live_faults(job_id, live, facts.jobs[job_id].attempts_max)
        elif end is not None:
            state, attempt = COMPLETED, end.attempt
        else:
            return
        before, was = self._states.get(job_id), self._attempts.get(job_id, 0)
        self._states[job_id], self._attempts[job_id] = state, attempt
        if not self.every_commit or before == state == COMPLETED:
            return
        answered = before is None and end is not None and end.cached_from is not None
        if answered:
            return
        flow = facts.jobs[job_id].is_flow
        if before is None and state == "running" and facts.jobs[job_id].child_name is not None:
            before = "queued"  # whoever ended the step before took it along
        if (before, state) not in STEPS and (before, was) != (state, attempt):
            yield f"{job_id} went from {before}, attempt {was}, to {state}, attempt {attempt}"
        unstarted = ("canceled", "skipped")
        if end is not None and before != "running" and end.outcome not in unstarted and not flow:
            yield f"{job_id} ended as {end.outcome} without running: it was {before}"
        if attempt - was not in _growth(before, state) and not (flow and attempt == 0):
            yield f"{job_id} went from attempt {was} ({before}) to {attempt} ({state})"

    def _settled(self, facts: Facts) -> Iterator[str]:
        for job_id, live in facts.live.items():
            yield f"{job_id} is stuck: {live}"
        for (job_id, attempt), text in self.ledger.spoken.items():
            end = facts.ends.get(job_id)
            if end is None or end.attempt != attempt:
                continue
            heard = end.result in self.ledger.reports.get((job_id, attempt), ())
            if heard and not facts.log(job_id).endswith(text):
                yield f"{job_id} said {text!r}, its log is {facts.log(job_id)!r}"


def _follows(facts: Facts, job_id: UUID) -> bool:
    """Nobody asks for the ticks of a schedule and the children of a flow."""
    job = facts.jobs[job_id]
    return is_of_tick(job_id, job) or (job.child_name is not None and job.parent_id in facts.jobs)


def _growth(before: str | None, state: str) -> tuple[int, ...]:
    """By how much the attempt of a job may grow in one move."""
    if state == "running" and before != "running":
        return (1,)
    if state == "queued" and before == "running":
        return (0, -1)  # lost, or handed back
    return (0,)


def _live_faults(job_id: UUID, live: Live, attempts_max: int) -> Iterator[str]:
    if live.state != "running" and live.canceled_by is not None:
        yield f"{job_id} is canceled and waits for a worker"
    if not 0 <= live.attempt - live.retries <= attempts_max:
        yield f"{job_id} is at attempt {live.attempt} of {attempts_max}, {live.retries} retries"


def _crowd_faults(facts: Facts, job_id: UUID) -> Iterator[str]:
    """No more jobs of a concurrency key run than it allows."""
    job, live = facts.jobs.get(job_id), facts.live.get(job_id)
    if job is None or live is None or live.state != "running" or job.concurrent_limit is None:
        return
    together = [
        other
        for other, row in facts.live.items()
        if row.state == "running" and facts.jobs[other].concurrency_key == job.concurrency_key
    ]
    if len(together) > job.concurrent_limit:
        yield f"{len(together)} jobs of {job.concurrency_key} run at once: {together}"


def _attempt_faults(facts: Facts, job_id: UUID) -> Iterator[str]:
    """Every attempt that counted and ended before its job did is remembered, once and in order."""
    live, end = facts.live.get(job_id), facts.ends.get(job_id)
    counted = [one.number for one in facts.tried.get(job_id, []) if one.ended != "handed_back"]
    if live is not None:
        many = {live.attempt - (live.state == "running")}
    elif end is not None:
        many = {end.attempt, end.attempt - 1}  # whether the last one ended before is not told
    else:
        many = {0}
    if job_id in facts.jobs and facts.jobs[job_id].is_flow:
        return  # the turns of a flow do not count
    if counted != list(range(1, len(counted) + 1)) or len(counted) not in many:
        yield f"{job_id} remembers the attempts {counted}: {live or end}"


def _log_faults(job_id: UUID, chunks: list[Chunk]) -> Iterator[str]:
    """The pieces of a log lie side by side, from its beginning."""
    end = 0
    for start, stop, _, text in chunks:
        if start != end or stop - start != len(text):
            yield f"the log of {job_id} has {len(text)} characters at {start}-{stop}, not at {end}"
        end = stop


def _raise(faults: Iterator[str]) -> None:
    for fault in faults:
        raise ViolationError(fault)

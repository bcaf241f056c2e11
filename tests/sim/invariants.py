"""What must hold whatever has happened.

`Watcher.look` is for every moment, `Watcher.at_rest` for the end, when faults have stopped and
everything had time to settle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from tests.sim.facts import Chunk, End, Facts, Live
from tests.sim.ledger import Ledger
from windmill_lite.core.jobs.lifecycle import ARROWS

COMPLETED: Final = "completed"
#: Where one transaction may bring a job; None is "not there". A push may not skip the queue.
STEPS: Final = frozenset(
    {(None, "queued"), *((str(arrow.start), str(arrow.end)) for arrow in ARROWS)}
)


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

    def look(self, facts: Facts) -> None:
        """Fails: `ViolationError` with the first sentence that is not true."""
        _raise(self._whole(facts))
        _raise(self._ended(facts))
        _raise(self._moved(facts))
        for job_id, chunks in facts.logs.items():
            _raise(_log_faults(job_id, chunks))

    def at_rest(self, facts: Facts) -> None:
        """Nothing is left to do, and everybody was told the truth."""
        self.look(facts)
        _raise(self._settled(facts))

    def _whole(self, facts: Facts) -> Iterator[str]:
        """Each job is in exactly one place, and none is missing or uncalled for."""
        for job_id in facts.jobs:
            places = (job_id in facts.live) + (job_id in facts.ends)
            if places != 1:
                yield f"{job_id} is in {places} of queue and done"
        for job_id in (facts.live.keys() | facts.ends.keys()) - facts.jobs.keys():
            yield f"{job_id} is nobody's job"
        for job_id in self.ledger.pushed - facts.jobs.keys():
            yield f"{job_id} was acknowledged and does not exist"
        for job_id in self._states.keys() - facts.jobs.keys():
            yield f"{job_id} has vanished"
        for job_id in facts.jobs.keys() - self.ledger.asked:
            yield f"{job_id} was never asked for"
        for job_id in facts.jobs.keys() & (self.ledger.refused - self.ledger.pushed):
            yield f"{job_id} was refused and exists"

    def _ended(self, facts: Facts) -> Iterator[str]:
        """An end is final, is of the attempt that reported it, and heeds a cancellation."""
        for job_id, before in self._ends.items():
            if facts.ends.get(job_id) != before:
                yield f"{job_id} had ended as {before} and is now {facts.ends.get(job_id)}"
        for job_id in facts.ends.keys() - self._ends.keys():
            end = self._ends[job_id] = facts.ends[job_id]
            said = self.ledger.reports.get((job_id, end.attempt), ())
            if end.outcome == "success" and end.result not in said:
                yield f"{job_id} ended with {end.result}, which attempt {end.attempt} never said"
            if (end.outcome == "canceled") != (end.canceled_by is not None):
                yield f"{job_id} ended as {end.outcome}, canceled by {end.canceled_by}"
        for job_id in self.ledger.canceled & facts.ends.keys():
            if facts.ends[job_id].outcome != "canceled":
                yield f"{job_id} ended as {facts.ends[job_id].outcome} after it had been canceled"
        for job_id in self.ledger.ended - facts.ends.keys():
            yield f"{job_id} was said to have completed and has not"

    def _moved(self, facts: Facts) -> Iterator[str]:
        """Jobs go along the arrows; only an attempt handed back is not counted."""
        now = {job_id: (row.state, row.attempt) for job_id, row in facts.live.items()}
        now |= {job_id: (COMPLETED, end.attempt) for job_id, end in facts.ends.items()}
        for job_id, (state, attempt) in now.items():
            before, was = self._states.get(job_id), self._attempts.get(job_id, 0)
            self._states[job_id], self._attempts[job_id] = state, attempt
            live = facts.live.get(job_id)
            if live is not None:
                yield from _live_faults(job_id, live, facts.jobs[job_id])
            if not self.every_commit or before == state == COMPLETED:
                continue
            if (before, state) not in STEPS and (before, was) != (state, attempt):
                yield f"{job_id} went from {before}, attempt {was}, to {state}, attempt {attempt}"
            if attempt - was not in _growth(before, state):
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


def _growth(before: str | None, state: str) -> tuple[int, ...]:
    """By how much the attempt of a job may grow in one move."""
    if state == "running" and before == "queued":
        return (1,)
    if state == "queued" and before == "running":
        return (0, -1)  # lost, or handed back
    return (0,)


def _live_faults(job_id: UUID, live: Live, attempts_max: int) -> Iterator[str]:
    if live.state != "running" and live.canceled_by is not None:
        yield f"{job_id} is canceled and waits for a worker"
    if not 0 <= live.attempt <= attempts_max:
        yield f"{job_id} is at attempt {live.attempt} of {attempts_max}"


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

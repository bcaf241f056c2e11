"""What every job goes through as one statement each, where the database has it.

The same as `queue.insert`, as `claims.take`, and as `queue.leave` with `queue.complete`, for jobs
that take part in none of the queue's rules. None, or `accepted` False: it has to go step by step.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from windmill_lite.base.codec import Json
from windmill_lite.model.job import FLOW_KINDS, Claim, Finished, NewJob
from windmill_lite.model.limits import DELETE_GRACE_S
from windmill_lite.store.db.port import Row, Tx, Value
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.db.values import stored_row
from windmill_lite.store.machine.claims import Taken, Turn, as_keys, claim_of

Q = load(__package__, "alone.sql")

_FACTS = (
    *("id", "workspace", "kind", "path", "script_hash", "language", "created_by"),
    *("permissioned_as", "email", "created_at", "scheduled_for", "tag", "priority", "timeout_s"),
    *("schedule_path", "trigger_kind", "visible_to_owner", "max_attempts", "args", "raw_code"),
    *("raw_lock", "retry", "delete_after_s", "cell"),
)
_RULES = tuple(name for name in NewJob._fields if name not in _FACTS)
_facts_of, _rules_of = attrgetter(*_FACTS), attrgetter(*_RULES)
_NO_RULES = tuple(NewJob._field_defaults[name] for name in _RULES)


class Success(NamedTuple):
    """What ends, and the rest of its log: `chunk` at `start`, "" when there is none."""

    job_id: UUID
    attempt: int
    worker: str
    finished: Finished
    start: int = 0
    chunk: str = ""


class Next(NamedTuple):
    """What was found. `more`: there is a next job, which has to be claimed step by step. `rest`:
    there are others beside the one that was taken.
    """

    job: Claim | None
    more: bool
    rest: bool = False
    accepted: bool = True  # what was to end before has ended
    keeps_s: int | None = None  # the `delete_after_s` of that


def is_plain(job: NewJob) -> bool:
    """Whether `enter` knows everything that is asked of the job."""
    return job.kind not in FLOW_KINDS and bool(_rules_of(job) == _NO_RULES)


def written(job: NewJob) -> Mapping[str, Json]:
    """A job as `enter` takes it. Fails: `Invalid` for what no database can hold."""
    facts = dict(zip(_FACTS, stored_row(_FACTS, _facts_of(job), "postgres"), strict=True))
    facts["id"], facts["state"] = str(job.id), str(job.begins)
    return facts


async def enter(tx: Tx, jobs: Sequence[Mapping[str, Json]]) -> set[UUID] | None:
    """Puts `written` jobs into the queue; the ids of those that were not there before."""
    rows = await tx.alone(Q.enter, jobs=json.dumps(jobs))
    return None if rows is None else {row["id"] for row in rows}


async def take_next(tx: Tx, turn: Turn, *, now: int) -> Next | None:
    """The next ready job, now running for this worker; nothing while one is due and not ready."""
    rows = await tx.alone(Q.next_job, due=now, **_turn(turn, now))
    return None if rows is None else _next(rows[0], now)


async def take_inside(tx: Tx, turn: Turn, *, now: int) -> Next | None:
    """The next ready job, as a step of a transaction that did something before."""
    if not tx.speaks(Q.next_job):
        return None
    (row,) = await tx.all(Q.next_job, inside=1, **_turn(turn, now))
    return _next(row, now)


async def finish_next(tx: Tx, success: Success, turn: Turn, *, now: int) -> Next | None:
    """Completes a job and takes the next one for its worker."""
    rows = await tx.alone(
        Q.next_job,
        id=success.job_id,
        attempt=success.attempt,
        worker=success.worker,
        sandbox=success.finished.sandbox,
        memory_peak_kb=success.finished.memory_peak_kb,
        cpu_ms=success.finished.cpu_ms,
        result=success.finished.result,
        start=success.start if success.chunk else None,
        stop=success.start + len(success.chunk) if success.chunk else None,
        chunk=success.chunk or None,
        grace_s=int(DELETE_GRACE_S),
        **_turn(turn, now),
    )
    return None if rows is None else _next(rows[0], now)


def _turn(turn: Turn, now: int) -> dict[str, Value]:
    several = len(turn.tags) > 1
    return {
        "worker_id": turn.worker_id,
        "tag": None if several else turn.tags[0],
        "tags": as_keys(turn.tags) if several else None,
        "after": turn.after,
        "now": now,
    }


def _next(row: Row, now: int) -> Next:
    found = None
    if row["id"] is not None:
        taken = Taken(row["id"], row["attempt"], row["retries"], row["workspace"], None)
        found = claim_of(row, taken, now)
    accepted, keeps_s = bool(row.get("accepted", 1)), row.get("keeps_s")
    return Next(found, bool(row["more"]), bool(row.get("rest")), accepted, keeps_s)

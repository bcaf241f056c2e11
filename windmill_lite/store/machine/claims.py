"""From ready to running: verbs of the claim; the engine composes them in one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from windmill_lite.base.errors import Bug
from windmill_lite.model.job import Claim, JobKind, NewJob
from windmill_lite.store.db.port import Row, Tx, View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "claims.sql")
_columns = itemgetter(*NewJob._fields[:-2])
_KIND, _VISIBLE = map(NewJob._fields.index, ("kind", "visible_to_owner"))


class Turn(NamedTuple):
    """Who claims, for which tags, and the workspace it served last."""

    worker_id: UUID
    tags: tuple[str, ...]
    after: str


class Taken(NamedTuple):
    """A job that runs from now on."""

    id: UUID
    attempt: int
    retries: int
    workspace: str
    concurrency_key: str | None


@lru_cache(maxsize=64)
def as_keys(tags: tuple[str, ...]) -> str:
    """A JSON object with the tags as its keys."""
    return json.dumps(dict.fromkeys(tags, 0))


async def come_due(tx: Tx, *, now: int, most: int) -> int:
    """How many delayed jobs became ready; with `most` of them there may be more."""
    return await tx.run(Q.come_due, now=now, most=most)


async def next_due_at(view: View) -> int | None:
    """When the earliest delayed job becomes ready, or should have."""
    row = await view.one(Q.next_due_at)
    return row["due_at"] if row else None


async def take(tx: Tx, turn: Turn, *, now: int) -> Taken | None:
    """The next ready job, now running for this worker; None when there is none for its tags."""
    wanted = {"tags": as_keys(turn.tags), "after": turn.after}
    row = await tx.one(Q.claim, worker_id=turn.worker_id, now=now, **wanted)
    return None if row is None else Taken(**row)


async def claims_of(tx: Tx, taken: Sequence[Taken], *, now: int) -> list[Claim]:
    """What a worker needs to know of the jobs it has just taken, in the same order."""
    claims = []
    for each in taken:
        row = await tx.one(Q.claimed, id=each.id)
        if row is None:
            raise Bug(f"job {each.id} is in the queue without its facts")
        claims.append(claim_of(row, each, now))
    return claims


def claim_of(row: Row, taken: Taken, now: int) -> Claim:
    code = row["raw_code"] if row["raw_code"] is not None else row["content"]
    if code is None and row["kind"] in (JobKind.FLOW, JobKind.FLOW_DEPENDENCIES):
        code = ""  # it is the flow's
    if code is None:
        raise Bug(f"job {row['id']} has no code: neither its own nor that of a script version")
    return Claim(
        job=job_of(row),
        attempt=taken.attempt,
        retries=taken.retries,
        started_at=now,
        code=code,
        lock=row["raw_lock"] if row["raw_code"] is not None else row["lock"],
        log_length=row["log_length"],
        flow_path=row["flow_path"],
        flow_id=row["flow_id"],
    )


def job_of(row: Row) -> NewJob:
    """What was asked, from a row that carries all columns of `job`."""
    facts = [*_columns(row)]
    facts[_KIND], facts[_VISIBLE] = JobKind(row["kind"]), bool(row["visible_to_owner"])
    return NewJob(*facts)

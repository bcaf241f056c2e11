"""Verbs of approvals; the engine composes them in one transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from windmill_lite.model.job import NewJob
from windmill_lite.store.db.port import Row, Tx, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.machine.claims import job_of

Q = load(__package__, "voices.sql")


@dataclass(frozen=True, slots=True)
class Voice:
    """What one person says; `kind` is yes or no, `payload` JSON."""

    kind: str
    payload: str
    approver: str | None
    resume_id: int


@dataclass(frozen=True, slots=True)
class GateRules:
    """Who may speak to a gate; no groups: whoever."""

    login: bool
    others: bool
    groups: tuple[str, ...]


async def speak(tx: Tx, gate: UUID, voice: Voice, *, now: int) -> bool:
    """False: the link has spoken before, and nothing changed."""
    changed = await tx.run(
        Q.speak,
        gate=gate,
        kind=voice.kind,
        payload=voice.payload,
        approver=voice.approver,
        resume_id=voice.resume_id,
        said_at=now,
    )
    return bool(changed)


async def said(view: View, gate: UUID, resume_id: int) -> str | None:
    """What this link has said: yes or no."""
    row = await view.one(Q.said, gate=gate, resume_id=resume_id)
    return row["kind"] if row else None


async def count(view: View, gate: UUID) -> int:
    row = await view.one(Q.count, gate=gate)
    return row["voices"] if row else 0


async def heard(view: View, gate: UUID, flow: UUID) -> list[Row]:
    """`resume_id` and `approver` of those who said yes to a step or to its whole flow."""
    return await view.all(Q.heard, gate=gate, flow=flow)


async def open_gate(tx: Tx, gate: UUID, run: UUID, rules: GateRules) -> None:
    """The flow begins to wait."""
    await tx.run(
        Q.open_gate,
        gate=gate,
        run=run,
        groups=json.dumps(rules.groups),
        login=int(rules.login),
        others=int(rules.others),
    )


async def gate_rules(view: View, gate: UUID) -> GateRules | None:
    """None until the flow waits behind it."""
    row = await view.one(Q.gate, gate=gate)
    if row is None:
        return None
    return GateRules(bool(row["login"]), bool(row["others"]), tuple(json.loads(row["groups"])))


async def gated_runs(view: View, workspace: str, id: UUID) -> list[UUID]:
    """Of this flow and those inside of it, which have waited for people and have not ended."""
    rows = await view.all(Q.gated_runs, workspace=workspace, id=id)
    return [row["run"] for row in rows]


async def call(tx: Tx, run: UUID, *, now: int) -> None:
    """Somebody speaks: the flow is decided about anew. Its time goes on running. Whoever else
    speaks to it waits until this transaction has ended; rows are taken in the order in which
    deciding takes them.
    """
    await tx.run(Q.hear, id=run, now=now)
    await tx.run(Q.bump, id=run)


async def find_job(view: View, id: UUID) -> NewJob | None:
    row = await view.one(Q.job, id=id)
    return job_of(row) if row else None


async def result(view: View, id: UUID) -> str | None:
    """None until the job has completed."""
    row = await view.one(Q.result, id=id)
    return row["result"] if row else None

"""Verbs of flows; the engine composes them in one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from windmill_lite.base.errors import Bug
from windmill_lite.model.flow_run import FlowRun, Letter, Recorded, Round, Tried, Voices
from windmill_lite.model.job import JobState, NewJob
from windmill_lite.model.worker import is_site
from windmill_lite.store.db.port import Row, Tx, Value, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.machine.answers import delete_at
from windmill_lite.store.machine.claims import job_of

Q = load(__package__, "flows.sql")


async def run(view: View, id: UUID) -> FlowRun | None:
    row = await view.one(Q.run, id=id)
    if row is None:
        return None
    rounds = tuple(
        Round(UUID(each["loop"]), each["step"], each["attempt"], each["number"])
        for each in json.loads(row["rounds"])
    )
    names = ("id", "version", "status", "owner", "place", "scope", "parent", "name")
    more = {name: row[name] for name in ("due_at", "begun_at", "letters")}
    more["site"] = row["tag"] if row["tag"] is not None and is_site(row["tag"]) else None
    lives = bool(row["lives"])
    return FlowRun(**{name: row[name] for name in names}, rounds=rounds, lives=lives, **more)


async def job(view: View, id: UUID) -> NewJob:
    return job_of(await _one(view, await view.one(Q.job, id=id), f"job {id}"))


async def result(view: View, job: UUID) -> str:
    row = await _one(view, await view.one(Q.result, id=job), f"the result of {job}")
    return str(row["result"])


async def results(view: View, jobs: Sequence[UUID]) -> dict[UUID, str]:
    """Of those that completed."""
    return {row["id"]: row["result"] for row in await view.all(Q.results, ids=tuple(jobs))}


async def tried(view: View, job: UUID) -> Tried:
    row = await _one(view, await view.one(Q.tried, id=job), f"job {job}")
    return Tried(row["args"], row["timeout_s"], row["tag"])


async def _one(_: View, row: Row | None, what: str) -> Row:
    if row is None:
        raise Bug(f"{what} is not there, and a flow that runs needs it")
    return row


async def recorded(view: View, scope: UUID, step: str) -> Recorded | None:
    row = await view.one(Q.recorded, scope=scope, step=step)
    return Recorded(row["run"], row["ref"]) if row else None


async def recorded_steps(view: View, scope: UUID) -> list[str]:
    return [row["step"] for row in await view.all(Q.recorded_steps, scope=scope)]


async def item(view: View, turn: Round) -> str:
    found = await view.one(
        Q.item, run=turn.loop, step=turn.step, attempt=turn.attempt, number=turn.number
    )
    row = await _one(view, found, f"item {turn.number} of {turn.step} in {turn.loop}")
    return str(row["value"])


async def voices(view: View, run: UUID, gate: UUID) -> Voices:
    """`gate` is a step of the flow `run`."""
    rows = await view.all(Q.voices, gate=gate, run=run)
    yes = [row for row in rows if row["kind"] == "yes"]
    no = next((row["approver"] or "unknown" for row in rows if row["kind"] == "no"), None)
    return Voices(
        payloads=tuple(row["payload"] for row in rows if row["kind"] != "no"),
        approvers=tuple(row["approver"] or "anonymous" for row in yes),
        approved=len(yes),
        disapproved_by=no,
    )


async def begin(tx: Tx, run: FlowRun) -> None:
    rounds = [{**asdict(turn), "loop": str(turn.loop)} for turn in run.rounds]
    await tx.run(
        Q.insert_run,
        id=run.id,
        status=run.status,
        due_at=run.due_at,
        begun_at=run.begun_at,
        owner=run.owner,
        place=run.place,
        scope=run.scope,
        parent=run.parent,
        name=run.name,
        rounds=json.dumps(rounds),
    )


async def store(tx: Tx, run: FlowRun) -> bool:
    """False: its version is no longer the one in the database."""
    changed = await tx.run(
        Q.store_run,
        id=run.id,
        version=run.version,
        status=run.status,
        due_at=run.due_at,
        begun_at=run.begun_at,
    )
    return bool(changed)


async def answer(tx: Tx, id: UUID, ref: str) -> None:
    """What who waits for the flow may have before it ends."""
    await tx.run(Q.answer, id=id, ref=ref)


async def children(view: View, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """How far jobs are: `started_at` (µs), `duration_ms` and `outcome`, each null until it is."""
    rows = await view.all(Q.children, ids=tuple(ids)) if ids else []
    return {row["id"]: row for row in rows}


async def approvers(view: View, gates: Sequence[UUID]) -> list[Row]:
    """`gate`, `number` and `approver` of those who said yes."""
    return await view.all(Q.approvers, ids=tuple(gates)) if gates else []


async def run_version(view: View, id: UUID) -> int:
    """0 where there is no run."""
    row = await view.one(Q.run_version, id=id)
    return row["version"] if row else 0


async def answered(view: View, id: UUID) -> str | None:
    """The reference that is the flow's early answer."""
    row = await view.one(Q.answered, id=id)
    return row["answer"] if row else None


async def keep_items(tx: Tx, run: UUID, step: str, attempt: int, *, items: Sequence[str]) -> None:
    """JSON texts, in order."""
    rows: list[dict[str, Value]] = [
        {"run": run, "step": step, "attempt": attempt, "number": n, "value": text}
        for n, text in enumerate(items)
    ]
    await tx.run_many(Q.insert_item, rows)


async def record(tx: Tx, scope: UUID, step: str, found: Recorded) -> None:
    await tx.run(Q.put_result, scope=scope, step=step, run=found.run, ref=found.ref)


async def say(tx: Tx, gate: UUID, kind: str, payload: str, *, by: str | None, now: int) -> None:
    """`kind` is yes, no or note; a note is what a refusal leaves for the steps after."""
    await tx.run(Q.insert_voice, gate=gate, kind=kind, payload=payload, approver=by, said_at=now)


async def wait(tx: Tx, id: UUID, due_at: int | None) -> None:
    """For another time than before. One that a worker holds stays as it is: that one looks at
    `due_at` itself.
    """
    await tx.run(Q.wait, id=id, state=_state(due_at), due_at=due_at)
    if due_at is not None:
        tx.ring("queue")  # whoever sleeps until a later time than this one


async def touch(tx: Tx, ids: Sequence[UUID]) -> None:
    """Those that are flows end, or are about to: whoever is deciding about them finds that out."""
    await tx.run(Q.touch, ids=tuple(ids))


async def let_go(
    tx: Tx, id: UUID, attempt: int, due_at: int | None, *, site: str | None = None
) -> bool:
    """`site`: the tag with which it waits from here on."""
    changed = await tx.run(
        Q.let_go, id=id, attempt=attempt, state=_state(due_at), due_at=due_at, tag=site
    )
    return bool(changed)


async def post(tx: Tx, id: UUID, *, final: bool, now: int) -> None:
    """For the flow of a child that somebody ended; nothing for a job that is no child. `final`: it
    is not to be tried again.
    """
    if await tx.run(Q.post, id=id, final=int(final)):
        await tx.run(Q.call, id=id)
        await tx.run(Q.call_queue, id=id, now=now)
        tx.ring("queue")


async def letters(view: View, run: UUID) -> list[Letter]:
    rows = await view.all(Q.letters, run=run)
    return [Letter(row["name"], bool(row["final"])) for row in rows]


async def take_letter(tx: Tx, run: UUID, name: str) -> bool:
    return bool(await tx.run(Q.take_letter, run=run, name=name))


async def user_states(view: View, flow: UUID) -> dict[str, str]:
    """What its scripts keep for each other; JSON texts."""
    rows = await view.all(Q.user_states, flow=flow)
    return {row["key"]: row["value"] for row in rows}


async def user_state(view: View, flow: UUID, key: str) -> str | None:
    row = await view.one(Q.user_state, flow=flow, key=key)
    return row["value"] if row else None


async def put_user_state(tx: Tx, flow: UUID, key: str, value: str) -> None:
    await tx.run(Q.put_user_state, flow=flow, key=key, value=value)


async def count_user_states(view: View, flow: UUID) -> int:
    row = await view.one(Q.count_user_states, flow=flow)
    return row["states"] if row else 0


async def clean_later(tx: Tx, job: NewJob, after_s: int) -> None:
    """What a step carried goes so long after its outermost flow has ended."""
    await tx.run(Q.clean_later, job=job.id, root=job.root_id, after_s=after_s)


async def to_clean(view: View, *, most: int) -> list[Row]:
    return await view.all(Q.to_clean, most=most)


async def clean(tx: Tx, rows: Sequence[Row]) -> None:
    for row in rows:
        at = delete_at(row["after_s"], row["completed_at"])
        await tx.run(Q.clean_at, job=row["job"], at=at)
        await tx.run(Q.cleaned, job=row["job"])


async def hold_key(tx: Tx, id: UUID, key: str) -> None:
    """A flow that begins goes on holding the place of its key while nobody runs it."""
    await tx.run(Q.drop_key, id=id)
    await tx.run(Q.hold_key, flow=id, key=key)


async def leave_keys(tx: Tx, ids: Sequence[UUID]) -> list[str]:
    """The keys that these flows held; they have room now."""
    return [row["key"] for row in await tx.all(Q.leave_keys, flows=tuple(ids))]


async def forget(tx: Tx, ids: Sequence[UUID]) -> None:
    """Everything that flows know beside their jobs, and that jobs were told."""
    for query in (
        Q.forget_items,
        Q.forget_results,
        Q.forget_voices,
        Q.forget_letters,
        Q.forget_gates,
        Q.forget_user_states,
        Q.forget_cleanups,
        Q.forget_runs,
    ):
        await tx.run(query, ids=tuple(ids))


def _state(due_at: int | None) -> str:
    return str(JobState.SUSPENDED if due_at is None else JobState.DELAYED)

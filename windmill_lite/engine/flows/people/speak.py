"""Somebody approves or disapproves.

**How it cannot get lost.** One transaction keeps what was said, gives the flow's run another
version and calls the flow into the queue. Whoever is deciding about the flow at the same moment
finds the version moved and decides again, with what was said; else a worker takes the flow and
hears it. The same link speaks once: its number is a key.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from windmill_lite.base.codec import Json, dumps
from windmill_lite.base.errors import Conflict, Invalid, NotFound, TooLarge
from windmill_lite.core import access, arguments
from windmill_lite.core.access import Action
from windmill_lite.core.approval import Moment, require
from windmill_lite.engine.flows.people.asking import Asking, asking_in
from windmill_lite.engine.members.groups import names_of
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.identity import Identity
from windmill_lite.model.job import NewJob
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import queue
from windmill_lite.store.machine.library import voices
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody says."""

    approved: bool
    payload: Json = None
    approver: str | None = None
    resume_id: int | None = None  # of the link; None: this person speaks once
    who: Identity | None = None  # of somebody who is logged in


async def speak(world: World, asking: Asking, word: Word) -> str:
    """What happened, in a sentence. Said again it is the same.

    Fails: `Conflict` when it is too late, or the link has said the opposite; `Invalid` for what
    does not fit the form; `Unauthenticated`, `Denied`.
    """
    number = word.resume_id if word.resume_id is not None else _number_of(word.who)
    kind = "yes" if word.approved else "no"
    async with world.db.view() as view:
        said = await voices.said(view, asking.gate, number)
        groups = [] if word.who is None else await names_of(view, word.who)
    if said is not None:
        return _again(said, kind)
    _require_time(asking)
    if asking.rules.groups is None:
        raise Conflict("who may approve this is not known yet; try again when the flow waits")
    require(asking.rules, word.who, starter=asking.flow.email, groups=groups)
    text = _checked(asking, word)
    now, run = world.now(), asking.what.run.id

    async def body(tx: Tx) -> str:
        state = await queue.state_of(tx, run)
        if state is None or state.outcome is not None:
            raise Conflict(f"flow {run} has ended; nobody waits for this any more")
        await voices.call(tx, run, now=now)  # before anything is said: now they speak in turn
        if await voices.count(tx, asking.gate) >= limits.VOICES_MAX:
            raise Conflict(f"{limits.VOICES_MAX} people have spoken already")
        voice = voices.Voice(kind, text, word.approver, number)
        if not await voices.speak(tx, asking.gate, voice, now=now):
            return _again(await voices.said(tx, asking.gate, number) or kind, kind)
        tx.ring("queue")
        return "approved" if word.approved else "disapproved"

    return await world.db.write(body)


async def speak_as_owner(
    world: World, scope: Scope, flow_id: UUID, payload: Json, *, approved: bool = True
) -> str:
    """Answers what the flow, or one inside of it, waits for, as somebody who may change the flow,
    whose run it is, or who is in a group that is asked. Fails: `NotFound`, `Denied`, as `speak`.
    """
    who = scope.identity
    flow, asking = await seen_asking(world, scope, flow_id)
    if not await may_unlinked(world, flow, asking, who) and flow.path is not None:
        access.require(who, Action.WRITE, flow.path, what="flow")
    word = Word(approved=approved, payload=payload, approver=who.username, who=who)
    return await speak(world, asking, word)


async def seen_asking(world: World, scope: Scope, flow_id: UUID) -> tuple[NewJob, Asking]:
    """What a flow that one sees waits for. Fails: `NotFound`, and `Conflict` as `waiting`."""
    async with world.db.view() as view:
        if await jobs.peek(view, scope, flow_id) is None:
            raise NotFound(f"job {flow_id} does not exist or is not a flow")
    return await asking_in(world, scope.workspace, flow_id)


async def may_unlinked(world: World, flow: NewJob, asking: Asking, who: Identity) -> bool:
    """Whether somebody needs no link to speak."""
    own = flow.path is None or flow.permissioned_as == who.permissioned_as
    if own or access.may(who, Action.WRITE, flow.path or ""):
        return True
    async with world.db.view() as view:
        return bool(set(asking.rules.groups or ()).intersection(await names_of(view, who)))


def _again(said: str, kind: str) -> str:
    if said != kind:
        words = {"yes": "approve", "no": "disapprove"}
        raise Conflict(f"this was used to {words.get(said, said)} before and cannot take it back")
    return "approved already" if kind == "yes" else "disapproved already"


def _require_time(asking: Asking) -> None:
    if asking.moment is Moment.OVER:
        raise Conflict(f"flow {asking.flow.id} has ended; nobody waits for this any more")
    if asking.moment is Moment.PASSED:
        step = asking.module.id if asking.module is not None else ""
        raise Conflict(f"step {step} no longer waits for this: the flow has gone on")


def _checked(asking: Asking, word: Word) -> str:
    """The payload as JSON. Fails: `Invalid`, naming what does not fit the form; `TooLarge`."""
    text = dumps(word.payload)
    if len(text.encode()) > limits.RESUME_BYTES:
        raise TooLarge(f"a payload is at most {limits.RESUME_BYTES} bytes", field="payload")
    if not word.approved or not isinstance(asking.form, dict):
        return text
    given = {} if word.payload is None else word.payload
    if not isinstance(given, dict):
        raise Invalid("payload must be an object: there is a form to fill in", field="payload")
    problems = arguments.check(asking.form, given)
    if problems:
        told = "; ".join(str(problem) for problem in problems)
        raise Invalid(f"the form: {told}", field=problems[0].path)
    return text


def _number_of(who: Identity | None) -> int:
    """Below zero, where no link is: one for each person."""
    assert who is not None, "who speaks without a link is logged in"
    digest = hashlib.sha256(who.username.encode()).digest()
    return -1 - int.from_bytes(digest[:6], "big")

"""What whoever has a link is shown: the flow that waits, the form, and whether they may speak."""

from __future__ import annotations

from dataclasses import dataclass

from windmill_lite.base.codec import Json
from windmill_lite.base.errors import NotFound, Refusal
from windmill_lite.core.approval import Moment, require
from windmill_lite.core.flow.plan import part_of
from windmill_lite.engine.flows import show
from windmill_lite.engine.flows.people.asking import Asking, form_of
from windmill_lite.engine.members.groups import names_of
from windmill_lite.engine.world import World
from windmill_lite.model.identity import Identity
from windmill_lite.model.job import JobRecord, NewJob
from windmill_lite.store.db.port import View
from windmill_lite.store.machine.library import voices
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope


@dataclass(frozen=True, slots=True)
class Page:
    job: JobRecord  # of the flow, without its log
    told: dict[str, Json] | None  # its status and definition
    approvers: list[Json]
    facts: dict[str, Json]


async def page(world: World, asking: Asking, who: Identity | None) -> Page:
    """Who has the link sees the flow as the person does for whom it runs. Fails: `NotFound`."""
    flow = asking.flow
    async with world.db.view() as view:
        job = await jobs.get(view, _owner(flow), flow.id)
        if job is None:
            raise NotFound(f"job {flow.id} does not exist")
        heard = await voices.heard(view, asking.gate, flow.id)
        facts = await _facts(view, asking)
        groups = [] if who is None else await names_of(view, who)
    refused = _refusal(asking, who, groups)
    facts |= {
        "moment": asking.moment.value,
        "needs_login": asking.rules.need_login and who is None,
        "can_approve": refused is None and asking.moment in (Moment.EARLY, Moment.WAITS),
        "refusal": refused,
    }
    approvers: list[Json] = [
        {"resume_id": row["resume_id"], "approver": row["approver"] or "anonymous"} for row in heard
    ]
    return Page(job, await show.told(world, job, code=True), approvers, facts)


def _owner(flow: NewJob) -> Scope:
    username = flow.permissioned_as.removeprefix("u/")
    return Scope(Identity(flow.workspace, username, flow.email))


async def _facts(view: View, asking: Asking) -> dict[str, Json]:
    if asking.module is None:
        return {"hide_cancel": False}
    result = await voices.result(view, asking.gate)
    hidden = part_of(asking.what.flow.document, f"{asking.module.at}.suspend.hide_cancel")
    step = {"step_id": asking.module.id, "step_summary": asking.module.summary}
    return {**step, "hide_cancel": hidden is True, **form_of(result, asking.form)}


def _refusal(asking: Asking, who: Identity | None, groups: list[str]) -> str | None:
    if asking.rules.groups is None:
        return "Who may approve this is not known yet."
    try:
        require(asking.rules, who, starter=asking.flow.email, groups=groups)
    except Refusal as refusal:
        return refusal.message
    return None

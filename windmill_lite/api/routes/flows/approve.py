"""Approving and disapproving: links, what they do, and owners who need none."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import StringConstraints

from windmill_lite.api import replies, wire
from windmill_lite.api.args import value_of_payload
from windmill_lite.api.call import Call
from windmill_lite.api.params import Query, Text, whole_of
from windmill_lite.api.route import GET, LINK, POST, member
from windmill_lite.api.shapes.approvals import (
    Answered,
    ApprovalInfo,
    Payload,
    ResumeUrls,
    SuspendedFlow,
)
from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Invalid, Unauthenticated
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.flows.people import links
from windmill_lite.engine.flows.people.asking import Asking, asking_in, asking_of
from windmill_lite.engine.flows.people.links import Link
from windmill_lite.engine.flows.people.page import page
from windmill_lite.engine.flows.people.speak import (
    Word,
    may_unlinked,
    seen_asking,
    speak,
    speak_as_owner,
)
from windmill_lite.model.identity import Identity
from windmill_lite.model.limits import APPROVER_CHARS_MAX, RESUME_ID_MAX
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope

BASE = "/api/w/{workspace}"

Name = Annotated[str, StringConstraints(max_length=APPROVER_CHARS_MAX)]


WRITE = member("jobs", Action.WRITE)
LINKED = "{id}/{resume_id}/{signature}"


class TokenQuery(Query):
    token: Text | None = None  # the number and the signature of a link, with a dot between


class ApproverQuery(Query):
    approver: Name | None = None


class UrlsQuery(ApproverQuery):
    flow_level: bool = False  # counts for whichever step of the flow asks


class PayloadQuery(ApproverQuery):
    payload: Text | None = None  # JSON in base64


_BY_GET = GET.told(query=PayloadQuery, status=201)
_BY_POST = POST.told(query=ApproverQuery, body=Payload, status=201)


def _link(call: Call, approver: str | None) -> Link:
    resume_id = whole_of(call.params["resume_id"], "resume_id")
    if resume_id > RESUME_ID_MAX:
        raise Invalid(f"resume_id is at most {RESUME_ID_MAX}", field="resume_id")
    return Link(call.params["workspace"], call.uuid(), resume_id, approver)


@GET(
    f"{BASE}/jobs/job_signature/{{id}}/{{resume_id}}",
    "createJobSignature",
    WRITE,
    query=ApproverQuery,
)
async def job_signature(call: Call) -> web.Response:
    """The signature of a link to a job's approval."""
    link = _link(call, call.query(ApproverQuery).approver)
    await _require_seen(call, link)
    return replies.text(links.sign(call.world.instance_key, link))


@GET(
    f"{BASE}/jobs/resume_urls/{{id}}/{{resume_id}}",
    "getResumeUrls",
    WRITE,
    query=UrlsQuery,
    reply=ResumeUrls,
)
async def resume_urls(call: Call) -> web.Response:
    """The links by which somebody may approve or disapprove, and the page with both."""
    query = call.query(UrlsQuery)
    link = _link(call, query.approver)
    parent = await _require_seen(call, link)
    if query.flow_level and parent is not None:
        link = Link(link.workspace, parent, link.resume_id, link.approver)
    return replies.json(links.urls(call.world, link))


async def _require_seen(call: Call, link: Link) -> UUID | None:
    """The flow that the job is a step of."""
    job = await call.found(f"job {link.job} does not exist", jobs.peek, link.job)
    return job.parent_id


@_BY_GET(f"{BASE}/jobs_u/resume/{LINKED}", "resumeSuspendedJobGet", LINK)
async def resume_get(call: Call) -> web.Response:
    """Approve; what is filled in comes in `payload`."""
    return await _by_get(call, approved=True)


@_BY_GET(f"{BASE}/jobs_u/cancel/{LINKED}", "cancelSuspendedJobGet", LINK)
async def cancel_get(call: Call) -> web.Response:
    """Disapprove: the flow fails, unless it says otherwise."""
    return await _by_get(call, approved=False)


async def _by_get(call: Call, *, approved: bool) -> web.Response:
    query = call.query(PayloadQuery)
    payload = value_of_payload(query.payload) if query.payload else None
    return await _speak(call, query.approver, payload, approved=approved)


@_BY_POST(f"{BASE}/jobs_u/resume/{LINKED}", "resumeSuspendedJobPost", LINK)
async def resume_post(call: Call) -> web.Response:
    """Approve; the body is what is filled in."""
    return await _by_post(call, approved=True)


@_BY_POST(f"{BASE}/jobs_u/cancel/{LINKED}", "cancelSuspendedJobPost", LINK)
async def cancel_post(call: Call) -> web.Response:
    """Disapprove: the flow fails, unless it says otherwise."""
    return await _by_post(call, approved=False)


async def _by_post(call: Call, *, approved: bool) -> web.Response:
    approver = call.query(ApproverQuery).approver
    return await _speak(call, approver, await _payload(call), approved=approved)


async def _payload(call: Call) -> Json:
    return (await call.body(Payload)).root if call.request.can_read_body else None


async def _speak(
    call: Call, approver: str | None, payload: Json, *, approved: bool
) -> web.Response:
    asking, link = await _asked(call, approver)
    who = _who(call)
    name = approver or (who.username if who is not None else None)
    word = Word(approved, payload, name, resume_id=link.resume_id, who=who)
    return replies.text(await speak(call.world, asking, word), 201)


async def _asked(call: Call, approver: str | None) -> tuple[Asking, Link]:
    link = _link(call, approver)
    links.check(call.world.instance_key, link, call.params["signature"])
    return await asking_of(call.world, link.workspace, link.job), link


@GET(
    f"{BASE}/jobs_u/get_flow/{LINKED}",
    "getSuspendedJobFlow",
    LINK,
    query=ApproverQuery,
    reply=SuspendedFlow,
)
async def suspended_flow(call: Call) -> web.Response:
    """What whoever has the link is shown."""
    asking, _ = await _asked(call, call.query(ApproverQuery).approver)
    who = _who(call)
    found = await page(call.world, asking, who)
    job = wire.job_text(found.job, logs=None, flow=found.told)
    head = replies.present(**found.facts, approvers=found.approvers)
    return replies.raw_json(replies.spliced(head, {"job": job}))


@POST(
    f"{BASE}/jobs/flow/resume/{{id}}", "resumeSuspendedFlowAsOwner", WRITE, body=Payload, status=201
)
async def resume_as_owner(call: Call) -> web.Response:
    """Approve what a flow waits for, as somebody who may change it; the body is filled in."""
    payload = await _payload(call)
    told = await speak_as_owner(call.world, call.scope, call.uuid(), payload)
    return replies.text(told, 201)


@GET(
    f"{BASE}/jobs_u/flow/approval_info/{{id}}",
    "getApprovalInfo",
    LINK,
    query=TokenQuery,
    reply=ApprovalInfo,
)
async def approval_info(call: Call) -> web.Response:
    """What a flow waits for, and whether one may answer: by the token of a link, or as one is."""
    token = call.query(TokenQuery).token
    if token is None:
        flow, asking = await seen_asking(call.world, _scope(call), call.uuid())
        allowed = await may_unlinked(call.world, flow, asking, call.scope.identity)
    else:
        asking, allowed = (await _by_token(call, token))[0], True
    found, rules = await page(call.world, asking, _who(call)), asking.rules
    conditions: dict[str, Json] = {
        "user_auth_required": rules.login,
        "user_groups_required": list[Json](rules.groups or ()),
        "self_approval_disabled": rules.others,
    }
    told = replies.present(
        flow_id=str(asking.flow.id),
        can_approve=allowed and found.facts["can_approve"] is True,
        user_auth_required=rules.login,
        skin="detailed",
        approvers=found.approvers,
        form_schema=found.facts.get("form"),
        description=found.facts.get("description"),
        approval_conditions=conditions,
        hide_cancel=found.facts["hide_cancel"],
        step_summary=found.facts.get("step_summary"),
    )
    return replies.json(told)


@POST(
    f"{BASE}/jobs_u/flow/resume_suspended/{{id}}",
    "resumeSuspended",
    LINK,
    body=Answered,
    status=201,
)
async def resume_suspended(call: Call) -> web.Response:
    """Approve or disapprove what a flow waits for: by the token of a link, or as one is."""
    said, who = await call.body(Answered), _who(call)
    if said.approval_token is None:
        scope, approved = _scope(call), said.approved
        told = await speak_as_owner(call.world, scope, call.uuid(), said.payload, approved=approved)
        return replies.text(told, 201)
    asking, link = await _by_token(call, said.approval_token)
    name = who.username if who is not None else None
    word = Word(said.approved, said.payload, name, resume_id=link.resume_id, who=who)
    return replies.text(await speak(call.world, asking, word), 201)


async def _by_token(call: Call, token: str) -> tuple[Asking, Link]:
    flow, asking = await asking_in(call.world, call.params["workspace"], call.uuid())
    number, _, signature = token.partition(".")
    link = Link(flow.workspace, asking.gate, whole_of(number, "token"))
    links.check(call.world.instance_key, link, signature)
    return asking, link


def _scope(call: Call) -> Scope:
    if call.scope_or_none is None:
        raise Unauthenticated("log in, or say the token of a link")
    return call.scope_or_none


def _who(call: Call) -> Identity | None:
    return call.scope_or_none.identity if call.scope_or_none is not None else None

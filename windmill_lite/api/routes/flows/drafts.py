"""Drafts of scripts and flows: saved while somebody writes, gone when it is deployed."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import flow_wire, replies, wire
from windmill_lite.api.call import Call
from windmill_lite.api.params import Line, Query, microseconds
from windmill_lite.api.route import GET, POST, member
from windmill_lite.api.shapes.drafts import DraftLine, DraftValue, MoveDraft, SavedDraft, SaveDraft
from windmill_lite.base.errors import NotFound
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.flows import drafts as engine
from windmill_lite.model.draft import Draft, DraftAt
from windmill_lite.store.people import drafts

BASE = "/api/w/{workspace}/drafts"


WRITE = member("drafts", Action.WRITE)
READ = member("drafts", Action.READ)


class OwnerQuery(Query):
    username: Line | None = None


class ListQuery(Query):
    all_users: bool = False


def _at(call: Call) -> DraftAt:
    return engine.at(call.params["kind"], call.path)


@POST(f"{BASE}/update/{{kind}}/{{path...}}", "updateDraft", WRITE, body=SaveDraft, reply=SavedDraft)
async def save(call: Call) -> web.Response:
    """Save a draft, or with null delete it; `conflict` when another session saved meanwhile."""
    asked, at = await call.body(SaveDraft), _at(call)
    saved_at = await engine.save(
        call.world,
        call.scope,
        at,
        asked.value,
        seen_at=microseconds(asked.last_sync),
        force=asked.force,
    )
    if saved_at is None:
        there = await call.read(drafts.own, at)
        now = there.saved_at if there is not None else call.world.now()
        return replies.json({"status": "conflict", "current_timestamp": wire.moment(now)})
    return replies.json(
        {"status": "saved", "current_timestamp": wire.moment(saved_at), "path": at.path}
    )


@GET(f"{BASE}/get_own/{{kind}}/{{path...}}", "getOwnDraft", READ, reply=DraftValue)
async def own(call: Call) -> web.Response:
    """One's own draft."""
    return _value(call, await call.read(drafts.own, _at(call)))


@GET(
    f"{BASE}/get/{{kind}}/{{path...}}", "getDraftForUser", READ, query=OwnerQuery, reply=DraftValue
)
async def of_member(call: Call) -> web.Response:
    """A member's draft, at a path that one may read."""
    whose = call.query(OwnerQuery).username or call.scope.identity.username
    return _value(call, await call.read(drafts.of, _at(call), whose=whose))


def _value(call: Call, draft: Draft | None) -> web.Response:
    if draft is None:
        raise NotFound(f"there is no draft of {call.params['kind']} {call.path}")
    head = {"created_at": wire.moment(draft.saved_at)}
    return replies.raw_json(replies.spliced(head, {"value": draft.value}))


@GET(f"{BASE}/list", "listDrafts", READ, query=ListQuery, reply=list[DraftLine])
async def list_drafts(call: Call) -> web.Response:
    """One's own drafts, or those of all whose paths one may read."""
    query = call.query(ListQuery)
    found = await call.read(drafts.list_drafts, all_users=query.all_users)
    return replies.json([flow_wire.draft(entry) for entry in found])


@POST(f"{BASE}/delete_for_user/{{kind}}/{{path...}}", "deleteDraftForUser", WRITE, query=OwnerQuery)
async def delete(call: Call) -> web.Response:
    """Delete one's own draft, or as an admin a member's."""
    at, whose = _at(call), call.query(OwnerQuery).username
    await engine.delete(call.world, call.scope, at, whose=whose)
    return replies.text(f"deleted the draft of {at.kind} {at.path}")


@POST(f"{BASE}/move/{{kind}}/{{path...}}", "moveDraft", WRITE, body=MoveDraft)
async def move(call: Call) -> web.Response:
    """Give one's own draft another path."""
    asked = await call.body(MoveDraft)
    await engine.move(call.world, call.scope, _at(call), asked.new_path)
    return replies.text(asked.new_path)

"""Groups that are asked, and answers that need no link or no login."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.flows.test_approvals import FORM, U, gated


@pytest.mark.parametrize("told", ["static", "javascript"])
async def test_a_group_approves_from_the_page_by_the_link_and_as_owner(api: Api, told: str) -> None:
    groups = "/api/w/main/groups"
    assert (await api.post(f"{groups}/create", json={"name": "ops"})).status == 200
    asked: dict[str, Any] = {"type": told, "value": ["ops"], "expr": "['o' + 'ps']"}
    waits = await gated(api, "bob", user_groups_required=asked, self_approval_disabled=True)
    status = (await waits.job())["flow_status"]
    assert status["approval_conditions"]["user_groups_required"] == ["ops"]
    shown = (await waits.urls(1))["resume"].replace("resume", "get_flow", 1)
    page = (await api.get(shown, "olga")).json
    assert (page["can_approve"], page["needs_login"]) == (False, False)
    assert page["refusal"] == "olga is not in group ops, whose members approve this"
    refused = await waits.resume(1, "olga")
    assert (refused.status, refused.text) == (403, f"Permission denied: {page['refusal']}")
    for name in ("olga", "bob"):
        await api.post(f"{groups}/adduser/ops", json={"username": name})
    assert (await waits.resume(1, "bob")).status == 403, "who started it is in the group, too"
    await api.post(f"{groups}/removeuser/ops", json={"username": "bob"})
    assert (await api.get(shown, "olga")).json["can_approve"] is True
    assert (await waits.resume(1, "olga")).status == 201
    assert (await waits.result())["approvers"] == ["olga"]


async def test_whoever_is_asked_finds_out_what_and_answers_without_a_link(api: Api) -> None:
    await api.post("/api/w/main/groups/create", json={"name": "ops"})
    await api.post("/api/w/main/groups/adduser/ops", json={"username": "olga"})
    asked = {"type": "static", "value": ["ops"]}
    waits = await gated(api, "bob", user_groups_required=asked, resume_form=FORM, hide_cancel=True)
    info, answer = (f"{U}/flow/{what}/{waits.id}" for what in ("approval_info", "resume_suspended"))
    told = (await api.get(info, "olga")).json
    assert (told["can_approve"], told["hide_cancel"], told["flow_id"]) == (True, True, waits.id)
    assert told["form_schema"] == FORM["schema"]
    assert told["approval_conditions"]["user_groups_required"] == ["ops"]
    assert (await api.get(info, "bob")).json["can_approve"] is False
    assert (await api.post(answer, "bob", json={"payload": {"n": 1}})).status == 403
    assert (await api.get(info, None)).status == (await api.post(answer, None, json={})).status
    assert (await api.get(info, "eve")).status == 401
    assert (await api.post(answer, "olga", json={"payload": {}})).status == 400, "the form"
    assert (await api.post(answer, "olga", json={"payload": {"n": 1}})).status == 201
    assert (await waits.result())["resume"] == {"n": 1}
    assert (await api.get(info, "olga")).status == 409


async def test_the_token_of_a_link_answers_without_a_login(api: Api) -> None:
    waits = await gated(api)
    number, signature = (await waits.urls(7))["resume"].split("/")[-2:]
    token, at = f"{number}.{signature}", f"{U}/flow"
    told = await api.get(f"{at}/approval_info/{waits.id}?token={token}", None)
    assert (told.json["can_approve"], told.json["user_auth_required"]) == (True, False)
    wrong = await api.get(f"{at}/approval_info/{waits.id}?token=8.{signature}", None)
    assert wrong.status == 403
    said = {"approval_token": token, "approved": False}
    assert (await api.post(f"{at}/resume_suspended/{waits.id}", None, json=said)).status == 201
    assert (await waits.result())["error"]["name"] == "SuspendedDisapproved"

"""Drafts of scripts and flows."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Api
from tests.api.flows._write import F, body, flow, raw

D = "/api/w/main/drafts"
AT = "flow/f/ops/flow"


async def save(api: Api, at: str = AT, value: Any = "draft", who: str = "ada", **more: Any) -> Any:
    answer = await api.post(f"{D}/update/{at}", who, json={"value": value, **more})
    assert answer.status == 200, answer
    return answer.json


async def test_a_draft_is_read_back_by_its_owner_alone(api: Api) -> None:
    draft = {"value": flow(raw("a")), "summary": "New", "draft_path": "f/ops/better"}
    assert (await save(api, value=draft))["status"] == "saved"
    own = (await api.get(f"{D}/get_own/{AT}")).json
    assert own["value"] == draft
    assert (await api.get(f"{D}/get_own/{AT}", "bob")).status == 404
    seen = (await api.get(f"{D}/get/{AT}?username=ada", "bob")).json
    assert seen == own, "what lies in a folder can be read"
    [line] = (await api.get(f"{D}/list")).json
    assert (line["kind"], line["path"], line["summary"]) == ("flow", "f/ops/flow", "New")
    assert (line["draft_only"], line["draft_path"]) == (True, "f/ops/better")
    assert (await api.get(f"{D}/list", "bob")).json == []
    [theirs] = (await api.get(f"{D}/list?all_users=true", "bob")).json
    assert (theirs["mine"], theirs["draft_users"]) == (False, [{"username": "ada"}])


async def test_a_draft_of_a_home_is_hidden_from_others(api: Api) -> None:
    await save(api, "script/u/ada/x")
    assert (await api.get(f"{D}/get/script/u/ada/x?username=ada", "bob")).status == 404
    assert (await api.get(f"{D}/list?all_users=true", "bob")).json == []
    answer = await api.post(f"{D}/update/script/u/ada/x", "bob", json={"value": 1})
    assert answer.status == 404
    assert (await api.post(f"{D}/update/app/u/ada/x", json={"value": 1})).status == 400


async def test_another_session_is_not_overwritten_unseen(api: Api) -> None:
    first = await save(api, value=1)
    conflict = await save(api, value=2)
    assert conflict == {"status": "conflict", "current_timestamp": first["current_timestamp"]}
    later = await save(api, value=3, last_sync=first["current_timestamp"])
    assert later["status"] == "saved"
    assert (await save(api, value=4, last_sync=first["current_timestamp"]))["status"] == "conflict"
    assert (await save(api, value=5, force=True))["status"] == "saved"
    assert (await api.get(f"{D}/get_own/{AT}")).json["value"] == 5
    assert (await save(api, value=None, force=True))["status"] == "saved"
    assert (await api.get(f"{D}/get_own/{AT}")).status == 404


async def test_what_is_deployed_is_no_draft_any_more(api: Api) -> None:
    await save(api, value={"summary": "x"})
    await api.post(f"{F}/create", json=body(skip_draft_deletion=True))
    shown = (await api.get(f"{F}/get/f/ops/flow?get_draft=true")).json
    assert (shown["is_draft"], shown["draft"]) == (True, {"summary": "x"})
    assert "draft" not in (await api.get(f"{F}/get/f/ops/flow")).json
    assert (await api.get(f"{F}/list")).json[0]["is_draft"] is True
    assert (await api.get(f"{D}/list")).json[0]["draft_only"] is False
    await api.post(f"{F}/update/f/ops/flow", json=body())
    assert (await api.get(f"{F}/get/f/ops/flow")).json["is_draft"] is False
    assert (await api.get(f"{D}/get_own/{AT}")).status == 404


async def test_a_draft_of_a_script_goes_with_its_deployment(api: Api) -> None:
    await save(api, "script/f/ops/hello", value={"content": "x"})
    await api.deploy(skip_draft_deletion=True)
    script = "/api/w/main/scripts/get/p/f/ops/hello"
    shown = (await api.get(f"{script}?get_draft=true")).json
    assert (shown["is_draft"], shown["draft"]) == (True, {"content": "x"})
    assert "draft" not in (await api.get(script)).json
    await api.deploy(auto_parent=True, summary="another")
    assert "draft" not in (await api.get(f"{script}?get_draft=true")).json


async def test_a_draft_moves_and_goes(api: Api) -> None:
    await save(api)
    await save(api, "flow/f/ops/taken")
    onto = await api.post(f"{D}/move/{AT}", json={"new_path": "f/ops/taken"})
    assert onto.status == 400
    assert (await api.post(f"{D}/move/{AT}", json={"new_path": "f/ops/free"})).status == 200
    assert (await api.get(f"{D}/get_own/flow/f/ops/free")).json["value"] == "draft"
    assert (await api.post(f"{D}/move/{AT}", json={"new_path": "f/ops/x"})).status == 404
    other = await api.post(f"{D}/delete_for_user/flow/f/ops/free?username=ada", "bob")
    assert other.status == 403
    assert (await api.post(f"{D}/delete_for_user/flow/f/ops/free")).status == 200
    assert (await api.post(f"{D}/delete_for_user/flow/f/ops/free")).status == 404
    await save(api, "flow/f/ops/bobs", who="bob")
    assert (await api.post(f"{D}/delete_for_user/flow/f/ops/bobs?username=bob")).status == 200

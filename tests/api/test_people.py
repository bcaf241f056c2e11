"""Accounts, tokens, workspaces, members: what the CLI and the UI ask before they do anything."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest

from tests.api.conftest import WORKER, Api
from windmill_lite.api import wire
from windmill_lite.engine import tokens
from windmill_lite.model.identity import NewToken
from windmill_lite.model.workspace import Workspace
from windmill_lite.store.machine import workers
from windmill_lite.store.machine.workers import mark_all_lost, ping

PASSWORD = "correct horse battery"


async def test_whoami_tells_who_one_is(api: Api) -> None:
    everywhere = (await api.get("/api/users/whoami", "bob")).json
    assert everywhere["email"] == "bob@here.test"
    assert everywhere["super_admin"] is False
    here = (await api.get("/api/w/main/users/whoami", "bob")).json
    assert (here["username"], here["is_admin"], here["operator"]) == ("bob", False, False)
    assert here["created_at"].endswith("Z")
    assert (await api.get("/api/w/main/users/whoami", "olga")).json["operator"] is True
    assert (await api.get("/api/users/email", "bob")).text == "bob@here.test"


async def test_a_super_admin_who_is_no_member_is_an_admin_there(api: Api) -> None:
    body = {"id": "lab", "name": "The lab", "username": "ada"}
    assert (await api.post("/api/workspaces/create", json=body)).status == 201
    await api.post(
        "/api/users/create",
        json={"email": "root@here.test", "password": PASSWORD, "super_admin": True},
    )
    api.tokens["root"] = await tokens.mint(api.world, "root@here.test", NewToken())
    me = (await api.get("/api/w/lab/users/whoami", "root")).json
    assert (me["is_admin"], me["non_member"]) == (True, True)


async def test_workspaces_are_listed_with_who_one_is_there(api: Api) -> None:
    listed = (await api.get("/api/workspaces/list", "bob")).json
    assert listed == [{"id": "main", "name": "Main", "owner": "ada@here.test"}]
    mine = (await api.get("/api/workspaces/users", "bob")).json
    assert mine["email"] == "bob@here.test"
    assert mine["workspaces"][0]["username"] == "bob"
    assert mine["workspaces"][0]["role"] == "developer"
    assert (await api.get("/api/workspaces/users", "eve")).json["workspaces"] == []


@pytest.mark.parametrize(("id_", "there"), [("main", True), ("nowhere", False), ("", False)])
async def test_the_cli_asks_whether_a_workspace_exists(api: Api, id_: str, *, there: bool) -> None:
    answer = await api.post("/api/workspaces/exists", json={"id": id_})
    assert answer.json is there


async def test_only_super_admins_manage_the_instance(api: Api) -> None:
    for method, path, body in (
        ("GET", "/api/users/list_as_super_admin", None),
        ("GET", "/api/workspaces/list_as_superadmin", None),
        ("POST", "/api/workspaces/create", {"id": "x", "name": "x"}),
        ("POST", "/api/users/create", {"email": "x@y.z", "password": PASSWORD}),
    ):
        assert (await api.ask("bob", method, path, json=body)).status == 403, path
        assert (await api.ask("ada", method, path, json=body)).status in (200, 201), path


async def test_members_are_listed_and_added_by_admins(api: Api) -> None:
    new = {"email": "eve@here.test", "username": "eve", "is_admin": False, "operator": False}
    add = "/api/w/main/workspaces/add_user"
    assert (await api.post(add, "bob", json=new)).status == 403
    assert (await api.post(add, json=new)).status == 201
    assert (await api.post(add, json=new)).status == 400
    names = [person["username"] for person in (await api.get("/api/w/main/users/list")).json]
    assert sorted(names) == ["ada", "bob", "eve", "olga"]
    assert sorted((await api.get("/api/w/main/users/list_usernames")).json) == sorted(names)
    address = await api.get("/api/w/main/users/username_to_email/eve")
    assert (address.text, address.media) == ("eve@here.test", "text/plain")
    assert (await api.get("/api/w/main/users/username_to_email/nobody")).status == 404


async def test_a_token_is_made_listed_by_its_beginning_and_deleted(api: Api) -> None:
    new = {"label": "ci", "expiration": "2099-01-01T00:00:00Z", "scopes": ["jobs:read"]}
    made = await api.post("/api/users/tokens/create", "bob", json=new)
    assert (made.status, made.media) == (201, "text/plain")
    api.tokens["ci"] = made.text

    listed = (await api.get("/api/users/tokens/list?exclude_ephemeral=true", "bob")).json
    ci = next(token for token in listed if token.get("label") == "ci")
    assert ci["token_prefix"] == made.text[:10]
    assert ci["scopes"] == ["jobs:read"]
    assert ci["expiration"] == "2099-01-01T00:00:00.000000Z"
    assert made.text not in str(listed)

    assert (await api.get("/api/users/whoami", "ci")).status == 200
    gone = await api.ask("bob", "DELETE", f"/api/users/tokens/delete/{made.text[:10]}")
    assert gone.status == 200
    assert (await api.get("/api/users/whoami", "ci")).status == 401


async def test_a_password_is_changed_by_its_owner(api: Api) -> None:
    changed = await api.post("/api/users/setpassword", "bob", json={"password": PASSWORD})
    assert changed.status == 200
    good = {"email": "bob@here.test", "password": PASSWORD}
    assert (await api.post("/api/auth/login", None, json=good)).status == 200
    short = await api.post("/api/users/setpassword", "bob", json={"password": "short"})
    assert (short.status, "password" in short.text) == (400, True)


async def test_settings_the_cli_asks_for_are_not_set(api: Api) -> None:
    for key in ("uid", "automate_username_creation"):
        answer = await api.get(f"/api/settings/global/{key}")
        assert (answer.status, answer.json) == (200, None)
    assert (await api.get("/api/settings/global/license_key")).status == 404


async def test_workers_are_shown_with_what_they_take(api: Api) -> None:
    shown = (await api.get("/api/workers/list", "bob")).json
    assert [(w["worker"], w["custom_tags"]) for w in shown] == [("wk-test", ["python3", "flow"])]
    bun = {"name": "bun", "runs": False, "version": "", "note": "not installed"}
    assert shown[0]["languages"] == [bun]
    heard = (await api.get("/api/workers/list?ping_since=60", "bob")).json
    assert [w["worker"] for w in heard] == ["wk-test"]
    await api.world.db.write(mark_all_lost)
    assert (await api.get("/api/workers/list?ping_since=1", "bob")).json == []
    assert [w["alive"] for w in (await api.get("/api/workers/list")).json] == [False]


async def test_a_worker_is_alive_for_a_lease_and_on_sqlite_while_its_process_is(api: Api) -> None:
    late = api.world.now() - int(api.world.lease_s + 1) * 1_000_000
    await api.world.db.write(lambda tx: ping(tx, WORKER.id, now=late, jobs_done=7, memory_kb=9))
    (told,) = (await api.get("/api/workers/list")).json
    assert (told["jobs_executed"], told["memory_usage"]) == (7, 9 * 1024)
    assert told["alive"] is api.world.solo
    assert (told["last_ping"] == 0) is api.world.solo


async def test_a_worker_is_judged_by_the_lease_that_it_was_started_with(api: Api) -> None:
    seen = api.world.now() - 100_000_000
    for name, lease_s, alive in (("patient", 200, True), ("hasty", 20, api.world.solo)):
        worker = replace(WORKER, id=uuid4(), name=name, last_seen_at=seen)
        lease_us = lease_s * 1_000_000
        await api.world.db.write(partial(workers.register, worker=worker, lease_us=lease_us))
        listed = {w["worker"]: w["alive"] for w in (await api.get("/api/workers/list")).json}
        assert listed[name] is alive


def test_a_workspace_has_no_color_unless_given() -> None:
    assert "color" not in wire.workspace(Workspace("a", "A", "o"))

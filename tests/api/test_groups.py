"""Groups of a workspace: made by admins, changed by their owners, seen by everybody."""

from __future__ import annotations

import asyncio

import pytest

from tests.api.conftest import Api

G, ACLS = "/api/w/main/groups", "/api/w/main/acls"


async def made(api: Api, name: str = "ops", *members: str) -> None:
    body = {"name": name, "summary": "Who operates"}
    assert (await api.post(f"{G}/create", json=body)).status == 200
    for member in members:
        assert (await api.post(f"{G}/adduser/{name}", json={"username": member})).status == 200


async def inside(api: Api, who: str) -> list[str]:
    found: list[str] = (await api.get("/api/w/main/users/whoami", who)).json["groups"]
    return found


async def test_a_group_has_a_summary_members_and_an_owner(api: Api) -> None:
    await made(api, "ops", "olga", "bob")
    group = (await api.get(f"{G}/get/ops", "olga")).json
    assert (group["name"], group["summary"]) == ("ops", "Who operates")
    assert group["members"] == ["ada", "bob", "olga"]
    assert group["extra_perms"] == {"u/ada": True}
    assert (await api.post(f"{G}/update/ops", json={})).status == 200
    assert (await api.get(f"{G}/get/ops")).json["summary"] == "Who operates"
    assert (await api.post(f"{G}/update/ops", json={"summary": "On call"})).status == 200
    assert (await api.get(f"{G}/get/ops")).json["summary"] == "On call"
    assert (await api.post(f"{G}/removeuser/ops", json={"username": "bob"})).status == 200
    assert (await api.get(f"{G}/get/ops")).json["members"] == ["ada", "olga"]


async def test_everybody_is_in_a_group_that_cannot_be_changed(api: Api) -> None:
    everybody = (await api.get(f"{G}/get/all")).json
    assert everybody["members"] == ["ada", "bob", "olga"]
    assert await inside(api, "bob") == ["all"]
    assert (await api.ask("ada", "DELETE", f"{G}/delete/all")).status == 400
    for path in ("create", "update/all", "adduser/all", "removeuser/all"):
        body = {"name": "all", "username": "bob"}
        assert (await api.post(f"{G}/{path}", json=body)).status == 400, path


async def test_groups_are_listed_and_told_of_every_member(api: Api) -> None:
    await made(api, "ops", "bob")
    await made(api, "dev")
    listed = (await api.get(f"{G}/list?per_page=1", "bob")).json
    assert [group["name"] for group in listed] == ["all", "dev"]
    listed = (await api.get(f"{G}/list?per_page=1&page=2", "bob")).json
    assert [group["name"] for group in listed] == ["ops"]
    assert (await api.get(f"{G}/listnames", "olga")).json == ["all", "dev", "ops"]
    own = await api.get(f"{G}/listnames?only_member_of=true", "bob")
    assert own.json == ["all", "ops"] == await inside(api, "bob")
    users = (await api.get("/api/w/main/users/list")).json
    assert {user["username"]: user["groups"] for user in users} == {
        "ada": ["all", "dev", "ops"],
        "bob": ["all", "ops"],
        "olga": ["all"],
    }


async def test_a_deleted_group_leaves_nothing_behind(api: Api) -> None:
    await made(api, "ops", "bob")
    assert (await api.ask("ada", "DELETE", f"{G}/delete/ops")).status == 200
    assert (await api.get(f"{G}/get/ops")).status == 404
    assert await inside(api, "bob") == ["all"]
    await made(api, "ops")
    assert (await api.get(f"{G}/get/ops")).json["members"] == ["ada"]


async def test_only_admins_and_owners_change_a_group(api: Api) -> None:
    assert (await api.post(f"{G}/create", "bob", json={"name": "mine"})).status == 403
    await made(api, "ops", "bob")
    add = f"{G}/adduser/ops"
    assert (await api.post(add, "bob", json={"username": "olga"})).status == 403
    assert (await api.get(f"{G}/get/ops", "eve")).status == 401
    owner = {"owner": "u/bob", "write": True}
    assert (await api.post(f"{ACLS}/add/group_/ops", "bob", json=owner)).status == 403
    assert (await api.post(f"{ACLS}/add/group_/ops", json=owner)).status == 200
    assert (await api.get(f"{ACLS}/get/group_/ops")).json == {"u/ada": True, "u/bob": True}
    assert (await api.post(add, "bob", json={"username": "olga"})).status == 200
    assert (await api.post(f"{ACLS}/remove/group_/ops", "bob", json=owner)).status == 200
    assert (await api.ask("bob", "DELETE", f"{G}/delete/ops")).status == 403


async def test_a_group_may_own_a_group_and_operators_change_nothing(api: Api) -> None:
    await made(api, "ops")
    await made(api, "leads", "bob", "olga")
    owner = {"owner": "g/leads", "write": True}
    assert (await api.post(f"{ACLS}/add/group_/ops", json=owner)).status == 200
    assert (await api.post(f"{G}/adduser/ops", "bob", json={"username": "bob"})).status == 200
    assert (await api.post(f"{G}/adduser/ops", "olga", json={"username": "olga"})).status == 403


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("groups/create", {"name": "a b"}, 400, "letters, digits"),
        ("groups/create", {"name": "-a"}, 400, "letters, digits"),
        ("groups/create", {"name": "x" * 51}, 400, "50 at most"),
        ("groups/create", {"name": "ops"}, 400, "exists already"),
        ("groups/adduser/ops", {"username": "eve"}, 404, "eve is no member of workspace main"),
        ("groups/adduser/nobody", {"username": "bob"}, 404, "not found at name nobody"),
        ("groups/removeuser/ops", {"username": "bob"}, 404, "bob is not in group ops"),
        ("acls/add/group_/ops", {"owner": "bob"}, 400, "is not u/<username> or g/<group>"),
        ("acls/add/script/f/ops/x", {"owner": "u/bob"}, 400, "only groups (group_)"),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_group_that_cannot_be_is_refused_with_its_reason(
    api: Api, path: str, body: dict[str, str], status: int, words: str
) -> None:
    await made(api, "ops")
    answer = await api.post(f"/api/w/main/{path}", json=body)
    assert (answer.status, words in answer.text) == (status, True), answer


async def test_who_joins_while_a_group_goes_is_in_it_or_told_that_it_is_gone(api: Api) -> None:
    for number in range(5):
        await made(api, f"g{number}")
        add = api.post(f"{G}/adduser/g{number}", json={"username": "bob"})
        remove = api.ask("ada", "DELETE", f"{G}/delete/g{number}")
        joined, gone = await asyncio.gather(add, remove)
        assert (joined.status in (200, 404), gone.status) == (True, 200)
    assert await inside(api, "bob") == ["all"]

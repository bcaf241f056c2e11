"""Resources and their types over HTTP, as Windmill's clients ask for them."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api
from windmill_lite.engine import job_token

R = "/api/w/main/resources"
V = "/api/w/main/variables"
DB = {
    "path": "f/ops/db",
    "value": {"host": "h", "password": "$var:f/ops/token"},
    "resource_type": "postgresql",
    "description": "ours",
}


@pytest.fixture
async def stocked(api: Api) -> Api:
    secret = {"path": "f/ops/token", "value": "hush hush", "is_secret": True, "description": ""}
    assert (await api.post(f"{V}/create", json=secret)).status == 201
    assert (await api.post(f"{R}/create", json=DB)).text == "resource f/ops/db created"
    return api


async def test_a_resource_lives(stocked: Api) -> None:
    api = stocked
    found = (await api.get(f"{R}/get/f/ops/db")).json
    assert {name: found[name] for name in DB} == DB
    assert (await api.get(f"{R}/get_value/f/ops/db")).json == DB["value"]
    assert (await api.get(f"{R}/exists/f/ops/db")).json is True
    update = {"value": {"host": "other"}}
    assert (await api.post(f"{R}/update_value/f/ops/db", json=update)).status == 200
    assert (await api.get(f"{R}/get_value/f/ops/db")).json == {"host": "other"}
    gone = await api.ask("ada", "DELETE", f"{R}/delete/f/ops/db")
    assert gone.text == "resource f/ops/db deleted"
    assert (await api.get(f"{R}/exists/f/ops/db")).json is False


async def test_a_value_is_read_with_what_it_refers_to(stocked: Api) -> None:
    found = await stocked.get(f"{R}/get_value_interpolated/f/ops/db")
    assert found.json == {"host": "h", "password": "hush hush"}


async def test_a_job_reads_and_keeps_state_as_the_clients_do(stocked: Api) -> None:
    api = stocked
    await api.preview("bob", name="x")
    claim = await api.claim()
    api.tokens["job"] = job_token.issue(api.world.instance_key, claim.job.id, claim.attempt)
    asked = f"{R}/get_value_interpolated/f/ops/db?job_id={claim.job.id}&allow_cache=true"
    assert (await api.get(asked, "job")).json["password"] == "hush hush"
    state = "u/bob/script/user"
    assert (await api.get(f"{R}/get_value_interpolated/{state}", "job")).status == 404
    body = {"path": state, "value": {"n": 1}, "resource_type": "state"}
    assert (await api.post(f"{R}/create", "job", json=body)).status == 201
    update = {"value": {"n": 2}}
    assert (await api.post(f"{R}/update_value/{state}", "job", json=update)).status == 200
    assert (await api.get(f"{R}/get_value/{state}", "job")).json == {"n": 2}


async def test_what_is_not_there_is_told_as_clients_expect(api: Api) -> None:
    for question in ("get", "get_value", "get_value_interpolated"):
        answer = await api.get(f"{R}/{question}/f/ops/none")
        assert (answer.status, answer.text) == (
            404,
            "Not found: Resource not found at name f/ops/none",
        )
    assert (await api.post(f"{R}/update_value/f/ops/none", json={"value": 1})).status == 404


async def test_a_taken_path_is_refused_or_updated(stocked: Api) -> None:
    assert (await stocked.post(f"{R}/create", json=DB)).status == 400
    body = {**DB, "value": None}
    answer = await stocked.post(f"{R}/create?update_if_exists=true", json=body)
    assert answer.status == 201
    assert (await stocked.get(f"{R}/get_value/f/ops/db")).json is None
    assert (await stocked.get(f"{R}/get/f/ops/db")).json["value"] is None


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("", ["f/ops/db", "f/ops/note", "u/ada/s/user"]),
        ("resource_type=postgresql,state", ["f/ops/db", "u/ada/s/user"]),
        ("resource_type_exclude=state,any", ["f/ops/db"]),
        ("path_start=f/", ["f/ops/db", "f/ops/note"]),
        ("description=OURS", ["f/ops/db"]),
        ("value=hello", ["f/ops/note"]),
        ("broad_filter=POSTGRES", ["f/ops/db"]),
        ("page=2&per_page=2", ["u/ada/s/user"]),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_list_answers_questions(stocked: Api, query: str, paths: list[str]) -> None:
    for path, value, kind in (("f/ops/note", "hello", "any"), ("u/ada/s/user", {}, "state")):
        body: object = {"path": path, "value": value, "resource_type": kind}
        await stocked.post(f"{R}/create", json=body)
    listed = (await stocked.get(f"{R}/list?{query}")).json
    assert [each["path"] for each in listed] == paths
    assert all("value" not in each for each in listed)


async def test_a_resource_tells_of_a_variable_at_its_path(stocked: Api) -> None:
    await stocked.post(f"{R}/create", json=DB | {"path": "f/ops/token"})
    told = [(await stocked.get(f"{R}/get/f/ops/{name}")).json for name in ("db", "token")]
    assert [(found["is_linked"], found["is_draft"]) for found in told] == [
        (False, False),
        (True, False),
    ]
    listed = (await stocked.get(f"{R}/list", "bob")).json
    assert {found["path"]: found["is_linked"] for found in listed} == {
        "f/ops/db": False,
        "f/ops/token": True,
    }


async def test_all_values_one_sees_can_be_searched(stocked: Api) -> None:
    own = {"path": "u/ada/x", "value": [1], "resource_type": "any"}
    long = {"path": "u/ada/y", "value": "y" * 20_000, "resource_type": "any"}
    await stocked.post(f"{R}/create", json=own)
    await stocked.post(f"{R}/create", json=long)
    assert (await stocked.get(f"{R}/list_search")).json == [
        {"path": "f/ops/db", "value": DB["value"], "truncated": False},
        {"path": "u/ada/x", "value": [1], "truncated": False},
        {"path": "u/ada/y", "value": None, "truncated": True},
    ]
    assert [e["path"] for e in (await stocked.get(f"{R}/list_search", "bob")).json] == ["f/ops/db"]


async def test_those_of_a_type_are_named_and_counted_as_far_as_one_sees_them(
    stocked: Api,
) -> None:
    for path, value in (("u/ada/named", {"name": "Mine"}), ("f/ops/list", [1])):
        more = {"path": path, "value": value, "resource_type": "postgresql"}
        assert (await stocked.post(f"{R}/create", json=more)).status == 201
    assert (await stocked.get(f"{R}/list_names/postgresql")).json == [
        {"name": "", "path": "f/ops/db"},
        {"name": "", "path": "f/ops/list"},
        {"name": "Mine", "path": "u/ada/named"},
    ]
    assert (await stocked.get(f"{R}/list_names/mysql")).json == []
    counted = await stocked.get(f"{R}/type/resource_counts", "bob")
    assert counted.json == [{"resource_type": "postgresql", "count": 2}]


async def test_a_type_lives(api: Api) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    body = {"name": "c_thing", "schema": schema, "description": "a thing", "format_extension": "x"}
    assert (await api.post(f"{R}/type/create", json=body)).status == 201
    found = (await api.get(f"{R}/type/get/c_thing")).json
    assert (found["schema"], found["description"]) == (schema, "a thing")
    update = {"schema": {"type": "object"}}
    assert (await api.post(f"{R}/type/update/c_thing", json=update)).status == 200
    assert (await api.get(f"{R}/type/get/c_thing")).json["schema"] == {"type": "object"}
    assert (await api.get(f"{R}/file_resource_type_to_file_ext_map")).json == {
        "c_thing": {"format_extension": "x", "is_fileset": False}
    }
    assert (await api.get(f"{R}/type/exists/c_thing")).json is True
    assert "c_thing" in (await api.get(f"{R}/type/listnames")).json
    assert (await api.ask("ada", "DELETE", f"{R}/type/delete/c_thing")).status == 200
    assert (await api.get(f"{R}/type/get/c_thing")).status == 404


async def test_there_are_types_from_the_start(api: Api) -> None:
    listed = {each["name"]: each for each in (await api.get(f"{R}/type/list")).json}
    assert listed["postgresql"]["schema"]["properties"]["password"]["password"] is True
    assert "workspace_id" not in listed["postgresql"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**DB, "path": "nowhere"}, "path"),
        ({**DB, "resource_type": "a b"}, "resource type"),
        ({**DB, "ws_specific": True}, "ws_specific"),
        ({"path": "f/a/b"}, "resource_type"),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_what_cannot_be_is_refused_by_name(api: Api, body: object, field: str) -> None:
    answer = await api.post(f"{R}/create", json=body)
    assert answer.status == 400
    assert field in answer.text

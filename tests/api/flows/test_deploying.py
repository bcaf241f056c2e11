"""Deploying flows and reading them back, as Windmill's clients do it."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.flows._work import deployed
from tests.api.flows._write import F, body, flow, loop, of_path, raw

PATH = "f/ops/flow"


async def test_a_flow_is_given_back_as_it_was_pushed(api: Api) -> None:
    pushed = body(
        PATH,
        raw("b", "flow_input.n + 1", summary="adds"),
        loop("l", raw("a", "flow_input.iter.value")),
        description="Adds.",
        schema={"type": "object", "properties": {"z": {}, "n": {"type": "integer"}}},
        tag="big",
        priority=3,
        labels=["x"],
    )
    pushed["value"] |= {"notes": [{"text": "é"}], "of a later version": {"b": 1, "a": None}}
    assert (await api.post(f"{F}/create", json=pushed)).text == PATH
    found = (await api.get(f"{F}/get/{PATH}", "bob")).json
    assert {name: found[name] for name in pushed} == pushed
    assert list(found["value"]) == list(pushed["value"])
    assert (found["edited_by"], found["version_id"], found["archived"]) == ("ada", 1, False)
    assert (await api.get(f"{F}/get//{PATH}")).json == found
    assert (await api.get(f"{F}/get/v/1")).json == found


async def test_an_update_is_another_version_and_the_older_one_stays(api: Api) -> None:
    await deployed(api)
    newer = body(PATH, raw("c"), deployment_message="second")
    assert (await api.post(f"{F}/update/{PATH}", json=newer)).text == PATH
    found = (await api.get(f"{F}/history/p/{PATH}")).json
    assert [(each["id"], each.get("deployment_msg")) for each in found] == [
        (2, "second"),
        (1, None),
    ]
    assert (await api.get(f"{F}/get/v/1")).json["value"] == flow(raw("a"))
    assert (await api.get(f"{F}/get/{PATH}")).json["value"] == flow(raw("c"))
    told = await api.post(f"{F}/history_update/v/1", json={"deployment_msg": "first"})
    assert told.status == 200
    assert (await api.get(f"{F}/history/p/{PATH}")).json[1]["deployment_msg"] == "first"


async def test_a_flow_moves_with_its_history(api: Api) -> None:
    await deployed(api)
    await api.post(f"{F}/update/{PATH}", json=body("f/ops/moved", raw("b")))
    assert (await api.get(f"{F}/get/{PATH}")).status == 404
    assert (await api.get(f"{F}/exists/{PATH}")).json is False
    ids = [each["id"] for each in (await api.get(f"{F}/history/p/f/ops/moved")).json]
    assert ids == [2, 1]
    assert (await api.get(f"{F}/list_paths")).json == ["f/ops/moved"]


async def test_nothing_is_deployed_over_a_flow_that_somebody_has_not_seen(api: Api) -> None:
    await deployed(api)
    await deployed(api, "f/ops/other")
    again = await api.post(f"{F}/create", json=body())
    assert (again.status, "already exists" in again.text) == (400, True)
    onto = await api.post(f"{F}/update/f/ops/other", json=body(PATH))
    assert (onto.status, "already exists" in onto.text) == (400, True)
    missing = await api.post(f"{F}/update/f/ops/none", json=body("f/ops/none"))
    assert missing.status == 404


async def test_an_archived_flow_leaves_the_lists_and_its_place(api: Api) -> None:
    await deployed(api)
    await api.post(f"{F}/archive/{PATH}", json={"archived": True})
    assert (await api.get(f"{F}/list")).json == []
    assert [each["path"] for each in (await api.get(f"{F}/list?show_archived=true")).json] == [PATH]
    assert (await api.get(f"{F}/get/{PATH}")).json["archived"] is True
    await api.post(f"{F}/archive/{PATH}", json={"archived": False})
    assert len((await api.get(f"{F}/list")).json) == 1
    await api.post(f"{F}/archive/{PATH}", json={"archived": True})
    assert await deployed(api) == 2, "its place is free for a new flow, which goes on counting"
    assert len((await api.get(f"{F}/history/p/{PATH}")).json) == 2


async def test_a_deleted_flow_is_gone_with_every_version(api: Api) -> None:
    await deployed(api)
    assert (await api.ask("ada", "DELETE", f"{F}/delete/{PATH}")).status == 200
    for path in (f"get/{PATH}", "get/v/1", f"get_latest_version/{PATH}"):
        assert (await api.get(f"{F}/{path}")).status == 404
    assert (await api.get(f"{F}/history/p/{PATH}")).json == []
    assert (await api.ask("ada", "DELETE", f"{F}/delete/{PATH}")).status == 404
    assert await deployed(api) == 2


async def test_lists_are_filtered_and_paged(api: Api) -> None:
    for name in ("a", "b", "c"):
        await deployed(api, f"f/ops/{name}")
    await deployed(api, "u/ada/own", of_path("s", "script", "f/ops/hello"))

    async def paths(query: str, who: str = "ada") -> list[str]:
        return [each["path"] for each in (await api.get(f"{F}/list?{query}", who)).json]

    assert await paths("") == ["u/ada/own", "f/ops/c", "f/ops/b", "f/ops/a"]
    assert await paths("order_desc=false&page=0&per_page=2") == ["f/ops/a", "f/ops/b"]
    assert await paths("order_desc=false&page=2&per_page=3") == ["u/ada/own"]
    assert await paths("path_start=u/") == ["u/ada/own"]
    assert await paths("path_exact=f/ops/b") == ["f/ops/b"]
    assert await paths("created_by=bob") == []
    assert await paths("", "bob") == ["f/ops/c", "f/ops/b", "f/ops/a"]
    assert (await api.get(f"{F}/list?starred_only=true")).status == 400
    first = (await api.get(f"{F}/list")).json[0]
    assert "value" not in first
    users = f"{F}/list_paths_from_workspace_runnable/script/f/ops/hello"
    assert (await api.get(users)).json == ["u/ada/own"]
    searched = (await api.get(f"{F}/list_search", "bob")).json
    assert [each["path"] for each in searched] == ["f/ops/c", "f/ops/b", "f/ops/a"]
    assert searched[0]["value"] == flow(raw("a"))


async def test_who_may_not_see_a_path_finds_nothing_there(api: Api) -> None:
    version = await deployed(api, "u/ada/own")
    hidden = ("get/u/ada/own", f"get/v/{version}", "get_latest_version/u/ada/own")
    for path in hidden:
        assert (await api.get(f"{F}/{path}", "bob")).status == 404
    assert (await api.get(f"{F}/exists/u/ada/own", "bob")).json is False
    assert (await api.get(f"{F}/history/p/u/ada/own", "bob")).json == []
    for change in ("update/u/ada/own", "archive/u/ada/own"):
        answer = await api.post(f"{F}/{change}", "bob", json=body("u/ada/own"))
        assert answer.status == 404, change
    message = {"deployment_msg": "x"}
    told = await api.post(f"{F}/history_update/v/{version}", "bob", json=message)
    assert told.status == 404
    assert (await api.post(f"{F}/create", "olga", json=body("u/olga/x"))).status == 403


async def test_a_token_for_some_flows_reaches_no_other(api: Api) -> None:
    await deployed(api)
    await api.token("narrow", scopes=("flows:write:f/ops/flow",))
    assert (await api.get(f"{F}/get/{PATH}", "narrow")).status == 200
    assert (await api.post(f"{F}/update/{PATH}", "narrow", json=body())).status == 200
    moved = await api.post(f"{F}/update/{PATH}", "narrow", json=body("f/ops/elsewhere"))
    assert moved.status == 403
    assert (await api.post(f"{F}/create", "narrow", json=body("f/ops/x"))).status == 403


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(
    ("modules", "words"),
    [
        ([raw("a"), raw("a")], 'modules[1].id: duplicate id "a"'),
        ([loop("l", raw("constructor"))], 'modules[0].value.modules[0].id: "constructor"'),
        ([raw("__proto__")], 'modules[0].id: "__proto__"'),
        ([raw("result")], 'modules[0].id: "result"'),
        ([{"id": "a", "value": {"type": "dance"}}], "modules[0].value.type: there is no kind"),
        ([{"id": "a"}], "modules[0].value: is missing"),
        (
            [raw("a", "1 +")],
            "modules[0].value.input_transforms.x.expr: SyntaxError",
        ),
        ([loop("l", raw("a"), over="[1,")], "modules[0].value.iterator.expr: SyntaxError"),
        ([of_path("a", "script", "/etc/x")], "modules[0].value.path:"),
        ([of_path("a", "flow", PATH)], "modules[0].value.path: flow f/ops/flow would run itself"),
    ],
)
async def test_a_definition_that_cannot_run_is_refused_at_its_place(
    api: Api, modules: list[dict[str, Any]], words: str
) -> None:
    answer = await api.post(f"{F}/create", json=body(PATH, *modules))
    assert (answer.status, words in answer.text) == (400, True), answer.text
    assert (await api.get(f"{F}/exists/{PATH}")).json is False


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dedicated_worker", "yes"),
        ("on_behalf_of_email", "bob@here.test"),
        ("timeout", 5),
        ("visible_to_runner_only", True),
        ("priority", -1),
        ("priority", "high"),
        ("path", "nowhere"),
        ("value", []),
        ("schema", {"type": "array"}),
        ("summary", "x" * 2_000),
    ],
)
async def test_a_field_that_would_have_no_effect_is_refused_by_name(
    api: Api, field: str, value: object
) -> None:
    answer = await api.post(f"{F}/create", json=body() | {field: value})
    assert (answer.status, field in answer.text) == (400, True), answer.text


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_language_that_does_not_run_is_named_with_its_step(api: Api) -> None:
    step = raw("a")
    step["value"]["language"] = "cobol"
    answer = await api.post(f"{F}/create", json=body(PATH, step))
    assert answer.status == 400
    assert "modules[0].value.language: 'cobol' does not run here" in answer.text


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_definition_of_more_than_ten_megabytes_is_too_large(api: Api) -> None:
    large = body() | {"value": flow(raw("a"), notes="x" * (10 * 1024 * 1024))}
    sent = io.BytesIO(json.dumps(large).encode())
    kind = {"Content-Type": "application/json"}
    answer = await api.post(f"{F}/create", data=sent, headers=kind)
    assert (answer.status, "value is larger than" in answer.text) == (413, True)


async def test_flows_that_would_run_each_other_in_a_circle_are_refused(api: Api) -> None:
    await deployed(api, "f/ops/one")
    await deployed(api, "f/ops/two", of_path("s", "flow", "f/ops/one"))
    await deployed(api, "f/ops/three", raw("a"), of_path("b", "flow", "f/ops/two"))
    circle = body("f/ops/one", raw("x"), loop("l", of_path("y", "flow", "f/ops/three")))
    answer = await api.post(f"{F}/update/f/ops/one", json=circle)
    assert answer.status == 400
    assert "modules[1].value.modules[0].value.path: flow f/ops/one would run" in answer.text


async def test_a_step_cannot_name_what_its_author_does_not_see(api: Api) -> None:
    mine = body("f/ops/x", of_path("s", "script", "u/ada/secret"))
    answer = await api.post(f"{F}/create", "bob", json=mine)
    assert (answer.status, "modules[0].value.path: bob sees no" in answer.text) == (400, True)
    assert (await api.post(f"{F}/create", "ada", json=mine)).status == 201


async def test_of_many_who_make_a_flow_at_once_one_does(api: Api) -> None:
    asked = [api.post(f"{F}/create", json=body(PATH, raw(f"s{n}"))) for n in range(6)]
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status for answer in answers) == [201, 400, 400, 400, 400, 400]
    assert len((await api.get(f"{F}/history/p/{PATH}")).json) == 1
    updates = [api.post(f"{F}/update/{PATH}", json=body(PATH, raw(f"u{n}"))) for n in range(6)]
    assert {answer.status for answer in await asyncio.gather(*updates)} == {200}
    ids = [each["id"] for each in (await api.get(f"{F}/history/p/{PATH}")).json]
    assert ids == [7, 6, 5, 4, 3, 2, 1]

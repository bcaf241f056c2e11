"""Variables over HTTP, as Windmill's clients ask for them; no answer tells a secret unasked."""

from __future__ import annotations

import logging

import pytest

from tests.api.conftest import Answer, Api
from windmill_lite.engine import job_token

V = "/api/w/main/variables"
SECRET = {"path": "f/ops/token", "value": "hush hush", "is_secret": True, "description": "a token"}
PLAIN = {"path": "f/ops/city", "value": "Bern", "is_secret": False, "description": ""}


async def make(api: Api, **body: object) -> Answer:
    return await api.post(f"{V}/create", json=body)


async def test_a_variable_lives(api: Api) -> None:
    made = await make(api, **PLAIN)
    assert (made.status, made.text) == (201, "variable f/ops/city created")
    assert (await api.get(f"{V}/exists/f/ops/city")).json is True
    assert (await api.get(f"{V}/get_value/f/ops/city")).json == "Bern"
    assert (await api.post(f"{V}/update/f/ops/city", json={"value": "Biel"})).status == 200
    found = (await api.get(f"{V}/get/f/ops/city")).json
    assert (found["value"], found["is_secret"], found["description"]) == ("Biel", False, "")
    gone = await api.ask("ada", "DELETE", f"{V}/delete/f/ops/city")
    assert gone.text == "variable f/ops/city deleted"
    assert (await api.get(f"{V}/exists/f/ops/city")).json is False


async def test_what_is_not_there_is_told_as_clients_expect(api: Api) -> None:
    for question in ("get", "get_value"):
        answer = await api.get(f"{V}/{question}/f/ops/none")
        assert answer.status == 404
        assert answer.text == "Not found: Variable not found at name f/ops/none"
    assert (await api.post(f"{V}/update/f/ops/none", json={"value": "x"})).status == 404
    assert (await api.ask("ada", "DELETE", f"{V}/delete/f/ops/none")).status == 404


async def test_a_taken_path_is_a_bad_request(api: Api) -> None:
    await make(api, **PLAIN)
    again = await make(api, **PLAIN)
    assert (again.status, again.text.split(":")[0]) == (400, "Bad request")


async def test_a_secret_is_shown_decrypted_encrypted_or_not_at_all(api: Api) -> None:
    await make(api, **SECRET)
    at = f"{V}/get/f/ops/token"
    assert (await api.get(at)).json["value"] == "hush hush"
    assert "value" not in (await api.get(f"{at}?decrypt_secret=false")).json
    sealed = (await api.get(f"{at}?decrypt_secret=false&include_encrypted=true")).json["value"]
    assert "hush" not in sealed


async def test_an_export_is_pushed_back_to_the_byte(api: Api) -> None:
    await make(api, **SECRET)
    at = f"{V}/get/f/ops/token?decrypt_secret=false&include_encrypted=true"
    exported = (await api.get(at)).json["value"]
    body = {"value": exported, "is_secret": True, "description": "a token"}
    pushed = await api.post(f"{V}/update/f/ops/token?already_encrypted=true", json=body)
    assert pushed.status == 200
    assert (await api.get(at)).json["value"] == exported
    assert (await api.get(f"{V}/get_value/f/ops/token")).json == "hush hush"


async def test_a_plain_variable_is_never_taken_for_encrypted(api: Api) -> None:
    made = await api.post(f"{V}/create?already_encrypted=true", json=PLAIN)
    assert made.status == 201
    await api.post(f"{V}/update/f/ops/city?already_encrypted=true", json={"value": "Biel"})
    assert (await api.get(f"{V}/get_value/f/ops/city")).json == "Biel"


async def test_what_was_not_encrypted_here_is_refused_and_not_repeated(api: Api) -> None:
    made = await api.post(f"{V}/create?already_encrypted=true", json=SECRET)
    assert made.status == 400
    assert "hush" not in made.text


async def test_encrypted_text_makes_a_secret(api: Api) -> None:
    text = (await api.post(f"{V}/encrypt", json="hush hush")).text
    body = {**SECRET, "value": text}
    assert (await api.post(f"{V}/create?already_encrypted=true", json=body)).status == 201
    assert (await api.get(f"{V}/get_value/f/ops/token")).json == "hush hush"


async def test_lists_and_logs_never_hold_a_secret(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await make(api, **SECRET)
    await make(api, **PLAIN)
    await api.get(f"{V}/get_value/f/ops/token")
    listed = await api.get(f"{V}/list")
    assert [each["path"] for each in listed.json] == ["f/ops/city", "f/ops/token"]
    assert [each.get("value") for each in listed.json] == ["Bern", None]
    assert "hush" not in caplog.text


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("path_start=f/ops", ["f/ops/city", "f/ops/token"]),
        ("path_start=u/", ["u/ada/note"]),
        ("path=f/ops/city", ["f/ops/city"]),
        ("description=TOKEN", ["f/ops/token"]),
        ("value=ber", ["f/ops/city"]),
        ("value=hush", []),
        ("broad_filter=bern", ["f/ops/city"]),
        ("broad_filter=hush", []),
        ("page=2&per_page=2", ["u/ada/note"]),
        ("page=0&per_page=1", ["f/ops/city"]),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_list_answers_questions(api: Api, query: str, paths: list[str]) -> None:
    for body in (SECRET, PLAIN, {**PLAIN, "path": "u/ada/note", "value": "x"}):
        await make(api, **body)
    listed = await api.get(f"{V}/list?{query}")
    assert [each["path"] for each in listed.json] == paths


@pytest.mark.parametrize(
    ("who", "method", "path", "status"),
    [
        ("bob", "GET", "get/u/ada/own", 404),
        ("bob", "GET", "get_value/u/ada/own", 404),
        ("bob", "DELETE", "delete/u/ada/own", 404),
        ("olga", "GET", "get_value/f/ops/token", 200),
        ("olga", "DELETE", "delete/f/ops/token", 403),
        ("eve", "GET", "get_value/f/ops/token", 401),
        (None, "GET", "get_value/f/ops/token", 401),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_rights_are_those_of_scripts(
    api: Api, who: str | None, method: str, path: str, status: int
) -> None:
    await make(api, **SECRET)
    await make(api, **{**SECRET, "path": "u/ada/own"})
    answer = await api.ask(who, method, f"{V}/{path}")
    assert answer.status == status
    assert status == 200 or "hush" not in answer.text


async def test_anothers_own_are_not_listed(api: Api) -> None:
    await make(api, **{**SECRET, "path": "u/ada/own"})
    assert (await api.get(f"{V}/list", "bob")).json == []
    assert (await api.get(f"{V}/exists/u/ada/own", "bob")).json is False


async def test_a_job_reads_with_the_rights_of_whom_it_runs_as(api: Api) -> None:
    await make(api, **SECRET)
    await make(api, **{**SECRET, "path": "u/ada/own"})
    await api.preview("bob", name="x")
    claim = await api.claim()
    api.tokens["job"] = job_token.issue(api.world.instance_key, claim.job.id, claim.attempt)
    assert (await api.get(f"{V}/get_value/f/ops/token", "job")).json == "hush hush"
    assert (await api.get(f"{V}/get_value/u/ada/own", "job")).status == 404
    await api.finish(claim)
    assert (await api.get(f"{V}/get_value/f/ops/token", "job")).status == 401


async def test_a_token_for_some_paths_reaches_those(api: Api) -> None:
    await make(api, **SECRET)
    await make(api, **PLAIN)
    await api.token("limited", scopes=("variables:read:f/ops/city",))
    assert (await api.get(f"{V}/get_value/f/ops/city", "limited")).status == 200
    assert (await api.get(f"{V}/get_value/f/ops/token", "limited")).status == 403
    assert (await api.get(f"{V}/list", "limited")).status == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("account", 1),
        ("is_oauth", True),
        ("expires_at", "2030-01-01T00:00:00Z"),
        ("ws_specific", True),
        ("path", "nowhere"),
        ("value", "x" * 100_001),
        ("labels", ["x"] * 21),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_what_cannot_be_is_refused_by_name(api: Api, field: str, value: object) -> None:
    answer = await make(api, **{**PLAIN, field: value})
    assert answer.status == 400
    assert field in answer.text


async def test_several_are_deleted_together_or_none(api: Api) -> None:
    await make(api, **SECRET)
    await make(api, **PLAIN)
    body = {"paths": ["f/ops/city", "f/ops/none", "f/ops/token"]}
    assert (await api.ask("olga", "DELETE", f"{V}/delete_bulk", json=body)).status == 403
    gone = await api.ask("ada", "DELETE", f"{V}/delete_bulk", json=body)
    assert gone.json == ["f/ops/city", "f/ops/token"]


async def test_every_name_of_a_jobs_environment_is_listed(api: Api) -> None:
    listed = {each["name"]: each for each in (await api.get(f"{V}/list_contextual")).json}
    assert listed["WM_WORKSPACE"]["value"] == "main"
    assert listed["WM_USERNAME"]["value"] == "ada"
    assert listed["WM_TOKEN"]["is_custom"] is False

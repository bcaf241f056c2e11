"""Deploying scripts and reading them back, as Windmill's clients do it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import MAIN, Api
from windmill_lite.api.shapes.scripts import InferredSignature, Script
from windmill_lite.core.signature import PARSERS
from windmill_lite.model.script import LANGUAGES

S = "/api/w/main/scripts"


async def test_a_deployed_script_is_read_back_by_path_and_by_hash(api: Api) -> None:
    hash_ = await api.deploy(summary="Hello", description="Says it.", tag="python3", timeout=60)
    by_path = await api.get(f"{S}/get/p/f/ops/hello", "bob")
    assert by_path.status == 200
    script = by_path.json
    Script.model_validate(script)
    assert (script["hash"], script["summary"], script["timeout"]) == (hash_, "Hello", 60)
    assert (script["content"], script["language"], script["kind"]) == (MAIN, "python3", "script")
    assert list(script["schema"]["properties"]) == ["name", "count"]
    assert script["ws_error_handler_muted"] is False
    assert None not in script.values(), "what is absent is left out"
    assert (await api.get(f"{S}/get/h/{hash_}")).json == script
    assert (await api.get(f"{S}/get/p//f/ops/hello")).json == script


async def test_what_is_pushed_is_given_back_unchanged(api: Api) -> None:
    pushed: dict[str, Any] = {
        "schema": {"type": "object", "properties": {"b": {"x": None}, "a": {}}, "order": ["b"]},
        "lock": "",
        "envs": [],
        "cache_ttl": 5,
        "labels": ["x"],
        "concurrent_limit": 2,
        "concurrency_key": "k",
        "on_worker_loss": "fail",
        "retry": {"constant": {"attempts": 2, "seconds": 1}},
        "ws_error_handler_muted": True,
    }
    await api.deploy(**pushed, modules=None, unknown="dropped")
    script = (await api.get(f"{S}/get/p/f/ops/hello")).json
    assert {name: script[name] for name in pushed} == pushed
    assert list(script["schema"]["properties"]) == ["b", "a"]
    assert "modules" not in script
    assert "unknown" not in script


async def test_a_version_may_ask_for_a_process_that_is_kept_and_for_less_network(api: Api) -> None:
    hash_ = await api.deploy(dedicated_worker=True, network=["a.example:443"])
    assert (await api.get(f"{S}/get/h/{hash_}")).json["dedicated_worker"] is True
    run = await api.post("/api/w/main/jobs/run/p/f/ops/hello", json={"name": "x"})
    assert run.status == 201
    assert (await api.claim()).job.cell == '{"dedicated":true,"network":["a.example:443"]}'
    bash = {"path": "f/ops/sh", "content": "echo", "language": "bash", "dedicated_worker": True}
    refused = await api.post(f"{S}/create", json=bash)
    assert (refused.status, "dedicated_worker is not supported" in refused.text) == (400, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("restart_unless_cancelled", True),
        ("dedicated_worker", "yes"),
        ("network", ["*.example:443"]),
        ("has_preprocessor", True),
        ("codebase", "bundle"),
        ("envs", ["A=1"]),
        ("modules", {"a.py": {}}),
        ("on_behalf_of_email", "bob@here.test"),
        ("visible_to_runner_only", True),
        ("job_token_scopes", ["jobs:run"]),
        ("cache_ignore_s3_path", True),
        ("concurrent_limit", 0),
        ("concurrent_limit", "many"),
        ("concurrent_limit", True),
        ("concurrency_time_window_s", 5),
        ("concurrency_key", "k"),
        ("on_worker_loss", "never"),
        ("retry", 3),
        ("retry", {"constant": {"attempts": -1}}),
        ("retry", {"exponential": {"attempts": 1}}),
        ("retry", {"retry_if": {"expr": "true"}}),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_what_would_have_no_effect_is_refused_by_name(
    api: Api, name: str, value: object
) -> None:
    body = {"path": "f/ops/x", "content": MAIN, "language": "python3", name: value}
    answer = await api.post(f"{S}/create", json=body)
    assert (answer.status, name in answer.text) == (400, True), answer


async def test_a_push_of_the_same_is_no_version(api: Api) -> None:
    first = await api.deploy()
    body = {"path": "f/ops/hello", "content": MAIN, "language": "python3", "summary": ""}
    same = await api.post(f"{S}/create?skip_if_noop=true", json=body | {"auto_parent": True})
    assert (same.status, same.text, same.media) == (201, first, "text/plain")


async def test_versions_follow_each_other(api: Api) -> None:
    first = await api.deploy()
    second = await api.deploy(summary="2", parent_hash=first, deployment_message="second")
    third = await api.deploy(summary="3", auto_parent=True, parent_hash=first)
    script = (await api.get(f"{S}/get/p/f/ops/hello")).json
    assert (script["hash"], script["parent_hashes"][0]) == (third, second)
    history = (await api.get(f"{S}/history/p/f/ops/hello")).json
    assert {entry["script_hash"] for entry in history} == {first, second, third}
    assert [e["deployment_msg"] for e in history if e["script_hash"] == second] == ["second"]


async def test_a_taken_path_is_not_overwritten_unseen(api: Api) -> None:
    await api.deploy()
    body = {"path": "f/ops/hello", "content": "x = 1", "language": "python3", "summary": ""}
    answer = await api.post(f"{S}/create", json=body)
    assert answer.status == 400
    assert "f/ops/hello" in answer.text


async def test_archived_scripts_leave_the_list_and_stay_readable(api: Api) -> None:
    await api.deploy()
    await api.deploy("f/ops/other")
    assert (await api.post(f"{S}/archive/p/f/ops/hello")).status == 200
    assert [s["path"] for s in (await api.get(f"{S}/list")).json] == ["f/ops/other"]
    archived = (await api.get(f"{S}/list?show_archived=true")).json
    assert [s["path"] for s in archived] == ["f/ops/hello"]
    assert (await api.get(f"{S}/get/p/f/ops/hello")).json["archived"] is True
    assert (await api.get(f"{S}/list_paths")).json == ["f/ops/other"]


async def test_a_version_is_archived_and_deleted_by_hash(api: Api) -> None:
    hash_ = await api.deploy()
    archived = (await api.post(f"{S}/archive/h/{hash_}")).json
    assert (archived["hash"], archived["archived"]) == (hash_, True)
    deleted = (await api.post(f"{S}/delete/h/{hash_}")).json
    assert (deleted["deleted"], deleted["content"]) == (True, "")
    assert (await api.get(f"{S}/get/p/f/ops/hello")).status == 404


async def test_a_deleted_script_is_gone(api: Api) -> None:
    await api.deploy()
    assert (await api.get(f"{S}/exists/p/f/ops/hello")).json is True
    assert (await api.post(f"{S}/delete/p/f/ops/hello")).json == "f/ops/hello"
    assert (await api.get(f"{S}/exists/p/f/ops/hello")).json is False
    assert (await api.get(f"{S}/get/p/f/ops/hello")).status == 404


async def test_raw_code_is_text_that_no_browser_runs(api: Api) -> None:
    hash_ = await api.deploy(content="# <script>alert(1)</script>\ndef main(): pass\n")
    for path in ("raw/p/f/ops/hello", f"raw/h/{hash_}"):
        answer = await api.get(f"{S}/{path}")
        assert answer.media == "text/plain"
        assert answer.text.startswith("# <script>")
    status = (await api.get(f"{S}/deployment_status/h/{hash_}")).json
    assert status == {"lock": ""}


async def test_others_scripts_are_not_there(api: Api) -> None:
    await api.deploy("u/ada/secret")
    for path in ("get/p/u/ada/secret", "raw/p/u/ada/secret"):
        assert (await api.get(f"{S}/{path}", "bob")).status == 404
    assert (await api.get(f"{S}/exists/p/u/ada/secret", "bob")).json is False
    assert (await api.get(f"{S}/list", "bob")).json == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "get/p/f/no/thing"),
        ("GET", "get/h/0123456789abcdef"),
        ("GET", "raw/p/f/no/thing"),
        ("GET", "raw/h/zzz"),
        ("GET", "deployment_status/h/0123456789abcdef"),
        ("POST", "archive/p/f/no/thing"),
        ("POST", "archive/h/0123456789abcdef"),
        ("POST", "delete/p/f/no/thing"),
        ("POST", "delete/h/0123456789abcdef"),
    ],
)
async def test_what_is_not_there_is_404_in_text(api: Api, method: str, path: str) -> None:
    answer = await api.ask("ada", method, f"{S}/{path}")
    assert (answer.status, answer.media) == (404, "text/plain")
    assert answer.text.startswith("Not found: ")


async def test_an_operator_deploys_nothing(api: Api) -> None:
    body = {"path": "f/ops/x", "content": MAIN, "language": "python3", "summary": ""}
    assert (await api.post(f"{S}/create", "olga", json=body)).status == 403


async def test_the_list_has_pages_and_filters(api: Api) -> None:
    for number in range(3):
        await api.deploy(f"f/ops/s{number}")
    await api.deploy("f/lab/s")

    async def paths(query: str) -> list[str]:
        return [script["path"] for script in (await api.get(f"{S}/list?{query}")).json]

    assert len(await paths("per_page=2")) == 2
    assert await paths("page=0&per_page=2") == await paths("page=1&per_page=2")
    assert len(await paths("page=2&per_page=3")) == 1
    assert await paths("path_start=f/lab") == ["f/lab/s"]
    assert await paths("path_exact=f/ops/s1") == ["f/ops/s1"]
    assert (await paths("order_desc=false"))[0] == "f/ops/s0"
    assert await paths("created_by=bob") == []
    assert await paths("kinds=failure,trigger") == []
    assert len(await paths("languages=python3&something_new=1")) == 4
    refused = await api.get(f"{S}/list?starred_only=true")
    assert (refused.status, "starred_only" in refused.text) == (400, True)


async def test_a_signature_is_read_without_running_the_code(api: Api) -> None:
    code = "raise SystemExit\ndef main(name: str, times: int = 2): ..."
    answer = await api.post(
        f"{S}/infer_signature", "olga", json={"language": "python3", "content": code}
    )
    found = answer.json
    InferredSignature.model_validate(found)
    assert found["schema"]["required"] == ["name"]
    assert found["schema"]["properties"]["times"]["default"] == 2
    assert [arg["name"] for arg in found["signature"]["args"]] == ["name", "times"]
    assert "error" not in found


async def test_code_that_does_not_parse_is_told_where(api: Api) -> None:
    body = {"language": "python3", "content": "def main(:\n"}
    answer = await api.post(f"{S}/infer_signature", json=body)
    assert answer.status == 200
    InferredSignature.model_validate(answer.json)
    assert answer.json.keys() == {"error"}
    assert (answer.json["error"]["line"], bool(answer.json["error"]["message"])) == (1, True)
    unknown = await api.post(f"{S}/infer_signature", json=body | {"language": "cobol"})
    assert (unknown.status, "cobol" in unknown.text) == (400, True)


@pytest.mark.parametrize(
    ("language", "content", "names"),
    [
        ("bun", "export const main = (name: string, times = 2) => name", ["name", "times"]),
        ("bash", 'name="$1"\ntimes="${2:-2}"', ["name", "times"]),
        ("go", "package inner\nfunc main(name string, times *int) {}", ["name", "times"]),
        ("postgresql", "-- $1 name (text)\nselect $1", ["database", "name"]),
        ("mysql", "-- :name (text)\nselect :name", ["database", "name"]),
        ("duckdb", "-- $name (text)\nselect $name", ["name"]),
    ],
)
async def test_the_editor_has_a_form_for_every_language_that_can_be_read(
    api: Api, language: str, content: str, names: list[str]
) -> None:
    body = {"language": language, "content": content}
    answer = await api.post(f"{S}/infer_signature", json=body)
    InferredSignature.model_validate(answer.json)
    assert answer.json["schema"]["order"] == names
    long = await api.post(f"{S}/infer_signature", json=body | {"content": content + "\n" * 60_000})
    assert long.json == answer.json


async def test_a_language_that_can_be_read_but_not_run_is_not_deployed(api: Api) -> None:
    for language in PARSERS.keys() - set(LANGUAGES):
        body = {"path": "f/ops/x", "content": "", "language": language, "summary": ""}
        refused = await api.post(f"{S}/create", json=body)
        assert (refused.status, f"{language}' does not run here" in refused.text) == (400, True)


TYPED_GO = """package inner
type Kind string
const A Kind = "a"
type Point struct { X int `json:"x"` }
func main(kind Kind, at Point) (any, error) { return kind, nil }
"""


@pytest.mark.parametrize(
    ("language", "content"),
    [
        ("bun", 'export const main = (kind: "a" | "b", at: { x: number }) => kind'),
        ("go", TYPED_GO),
    ],
)
async def test_arguments_are_checked_against_what_was_read(
    api: Api, language: str, content: str
) -> None:
    await api.deploy("f/ops/typed", language=language, content=content)
    for args, problem in (
        ({"kind": "c", "at": {"x": 1}}, "kind: expected"),
        ({"kind": "a", "at": {"x": "1"}}, "at.x: expected"),
        ({"kind": "a", "at": {}}, "at.x: is required"),
        ({"kind": "a"}, "at: is required"),
    ):
        refused = await api.post("/api/w/main/jobs/run/p/f/ops/typed", json=args)
        assert (refused.status, problem in refused.text) == (400, True), refused
    accepted = await api.post(
        "/api/w/main/jobs/run/p/f/ops/typed", json={"kind": "a", "at": {"x": 1}}
    )
    assert accepted.status == 201

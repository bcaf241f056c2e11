"""Starting jobs: how a request becomes arguments and options."""

from __future__ import annotations

import base64
import io
import json
from typing import Any
from uuid import uuid4

import pytest

from tests.api.conftest import MAIN, Api

J = "/api/w/main/jobs"
ANY = "def main(**args): return args\n"
JSON = {"Content-Type": "application/json"}


async def args_of(api: Api, query: str = "", **more: Any) -> Any:
    """The arguments with which a run of a script that takes anything was queued."""
    answer = await api.post(f"{J}/run/p/f/ops/any{query}", **more)
    assert answer.status == 201, answer
    assert answer.media == "text/plain"
    return json.loads((await api.claim()).job.args)


@pytest.fixture
async def any_args(api: Api) -> None:
    await api.deploy("f/ops/any", content=ANY)


FORM = "application/x-www-form-urlencoded"
PARTS = (
    b'--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    b'--X\r\nContent-Disposition: form-data; name="b"\r\n\r\nline\r\n--Y\r\n--X--\r\n'
)


@pytest.mark.parametrize(
    ("query", "media", "body", "args"),
    [
        ("", "application/json", b'{"a": 1}', {"a": 1}),
        ("", "application/json; charset=utf-8", b'{"a": 1}', {"a": 1}),
        ("", "application/vnd.x+json", b'{"a": 1}', {"a": 1}),
        ("", "application/json", b"", {}),
        ("", "application/json", b"[1, 2]", {"body": [1, 2]}),
        ("", "application/json", b'"x"', {"body": "x"}),
        ("", "application/json", b"null", {"body": None}),
        ("?wrap_body=true", "application/json", b'{"a": 1}', {"body": {"a": 1}}),
        ("?raw=true", "application/json", b'{"a":  1}', {"a": 1, "raw_string": '{"a":  1}'}),
        ("", FORM, b"a=1&b=x+y&c=%C3%A9", {"a": "1", "b": "x y", "c": "é"}),
        ("", FORM, b"a=1&a=2", {"a": ["1", "2"]}),
        ("", "text/plain", b"hello", {"raw_string": "hello"}),
        ("", "application/xml", b"<a/>", {"raw_string": "<a/>"}),
        ("", "text/xml; charset=latin-1", b"<\xe9/>", {"raw_string": "<é/>"}),
        ("", "multipart/form-data; boundary=X", PARTS, {"a": "1", "b": "line\r\n--Y"}),
        (
            "",
            "application/cloudevents+json",
            b'{"id": "1", "data": {"a": 1}}',
            {"a": 1, "WEBHOOK__METADATA__": {"id": "1"}},
        ),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.usefixtures("any_args")
async def test_a_body_becomes_arguments(
    api: Api, query: str, media: str, body: bytes, args: object
) -> None:
    assert await args_of(api, query, data=body, headers={"Content-Type": media}) == args


@pytest.mark.usefixtures("any_args")
async def test_headers_and_parameters_become_arguments_when_asked_for(api: Api) -> None:
    query = "?include_header=X-Sign,absent&include_query=a,b&a=1"
    args = await args_of(api, query, json={"c": 2}, headers={"X-Sign": "s"})
    assert args == {"c": 2, "x_sign": "s", "a": "1"}


@pytest.mark.parametrize(
    ("media", "body", "status", "words"),
    [
        ("application/json", b'{"a": ', 400, "not valid JSON"),
        ("application/json", b'{"a": NaN}', 400, "NaN"),
        ("application/json", b'{"a": 1e999}', 400, "too large"),
        ("application/json", b'{"a": -1E+400}', 400, "too large"),
        ("application/json", b"1" + b"0" * 5000, 400, "body"),
        ("application/json", b'{"a": "\xff"}', 400, "UTF-8"),
        ("application/json", b'{"a":' + b"[" * 101 + b"]" * 101 + b"}", 400, "deep"),
        ("application/json", b"[" * 100_000, 400, "body"),
        (FORM, b"a=%FF", 400, "UTF-8"),
        (FORM, b"a&" * 2000, 400, "fields"),
        ("text/plain; charset=utf-99", b"x", 415, "utf-99"),
        ("application/octet-stream", b"x", 415, "application/octet-stream"),
        ("multipart/form-data", b"x", 400, "boundary"),
        ("multipart/form-data; boundary=X", b"nothing", 400, "does not end"),
        ("multipart/form-data; boundary=X", b"--X\r\n\r\nx\r\n--X--", 400, "no name"),
        (
            "multipart/form-data; boundary=X",
            b'--X\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nx\r\n--X--',
            415,
            "f: files",
        ),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.usefixtures("any_args")
async def test_a_body_that_is_none_is_refused_with_the_reason(
    api: Api, media: str, body: bytes, status: int, words: str
) -> None:
    answer = await api.post(f"{J}/run/p/f/ops/any", data=body, headers={"Content-Type": media})
    assert (answer.status, words in answer.text) == (status, True), answer


@pytest.mark.usefixtures("any_args")
async def test_odd_text_in_arguments_arrives_as_it_was_sent(api: Api) -> None:
    body = b'{"nul": "\\u0000", "lone": "\\ud800", "emoji": "\xf0\x9f\x8c\x80", "\xc3\xa9": 1}'
    args = await args_of(api, data=body, headers=JSON)
    assert args == {"nul": "\0", "lone": "\ud800", "emoji": "🌀", "é": 1}


@pytest.mark.usefixtures("any_args")
async def test_a_body_above_the_ceiling_is_refused(api: Api) -> None:
    big = io.BytesIO(b'{"a": "' + b"x" * (10 * 1024 * 1024) + b'"}')
    answer = await api.post(f"{J}/run/p/f/ops/any", data=big, headers=JSON)
    assert (answer.status, "is larger than 10485760" in answer.text) == (413, True), answer

    async def chunks() -> Any:
        for _ in range(25):
            yield b"x" * (1024 * 1024)

    streamed = await api.post(f"{J}/run/p/f/ops/any", data=chunks(), headers=JSON)
    assert streamed.status == 413
    assert (await api.get("/healthz")).status == 200


@pytest.mark.usefixtures("any_args")
async def test_the_query_says_how_to_run(api: Api) -> None:
    job_id, parent = str(uuid4()), await api.preview(name="x")
    query = (
        f"?job_id={job_id}&tag=python3&timeout=5&parent_job={parent}&root_job={parent}"
        "&invisible_to_owner=true&scheduled_in_secs=0&cache_ttl=5&skip_preprocessor=true&approver="
    )
    answer = await api.post(f"{J}/run/p/f/ops/any{query}", json={})
    assert (answer.status, answer.text) == (201, job_id)
    job = (await api.get(f"/api/w/main/jobs_u/get/{job_id}")).json
    assert (job["parent_job"], job["timeout"], job["visible_to_owner"]) == (parent, 5, False)
    assert job["trigger_kind"] == "webhook"
    again = await api.post(f"{J}/run/p/f/ops/any?job_id={job_id}", json={})
    assert (again.status, job_id in again.text) == (400, True)


@pytest.mark.usefixtures("any_args")
async def test_a_job_waits_for_its_time(api: Api) -> None:
    later = await api.post(f"{J}/run/p/f/ops/any?scheduled_for=2099-01-01T00:00:00Z", json={})
    assert later.status == 400, "more than a year away"
    answer = await api.post(f"{J}/run/p/f/ops/any?scheduled_in_secs=3600", json={})
    job = (await api.get(f"/api/w/main/jobs_u/get/{answer.text}")).json
    assert job["scheduled_for"] > job["created_at"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("job_id=nonsense", "job_id"),
        ("parent_job=1", "parent_job"),
        ("parent_job=6f1d7c4e-3b0a-5d0e-9a53-2f7e0c6b8d11", "parent_job"),
        ("scheduled_for=yesterday", "scheduled_for"),
        ("scheduled_in_secs=soon", "scheduled_in_secs"),
        ("scheduled_in_secs=-1", "scheduled_in_secs"),
        ("scheduled_in_secs=99999999999999999999", "scheduled_in_secs"),
        ("timeout=0", "timeout"),
        ("timeout=99999999999999999999", "timeout"),
        ("queue_limit=many", "queue_limit"),
        ("invisible_to_owner=perhaps", "invisible_to_owner"),
        ("tag=%00", "tag"),
        (f"tag={'x' * 2000}", "tag"),
        ("retry=nonsense", "retry"),
        ("retry=%7B%22constant%22:%7B%22attempts%22:-1%7D%7D", "constant.attempts"),
        ("retry=%7B%22exponential%22:%7B%22attempts%22:1%7D%7D", "exponential.seconds"),
        ("retry=%7B%22retry_if%22:%7B%22expr%22:%22true%22%7D%7D", "retry_if"),
        ("suspended_mode=true", "suspended_mode"),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.usefixtures("any_args")
async def test_a_wrong_option_is_named(api: Api, query: str, field: str) -> None:
    answer = await api.post(f"{J}/run/p/f/ops/any?{query}", json={})
    assert (answer.status, field in answer.text) == (400, True), answer


async def test_arguments_are_held_against_the_schema(api: Api) -> None:
    await api.deploy()
    missing = await api.post(f"{J}/run/p/f/ops/hello", json={"count": 1})
    assert (missing.status, "name" in missing.text) == (400, True)
    wrong = await api.post(f"{J}/run/p/f/ops/hello", json={"name": "x", "count": "many"})
    assert (wrong.status, "count" in wrong.text) == (400, True)


async def test_a_version_is_run_by_its_hash(api: Api) -> None:
    hash_ = await api.deploy()
    await api.deploy(summary="newer", auto_parent=True)
    answer = await api.post(f"{J}/run/h/{hash_}", json={"name": "x"})
    assert answer.status == 201
    assert (await api.claim()).job.script_hash == hash_


async def test_code_is_run_without_being_deployed(api: Api) -> None:
    body = {"content": ANY, "language": "python3", "args": {"a": 1}, "path": "u/ada/try", "x": 1}
    answer = await api.post(f"{J}/run/preview", json=body)
    assert answer.status == 201
    job = await api.claim()
    assert (str(job.job.id), job.code, json.loads(job.job.args)) == (answer.text, ANY, {"a": 1})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"content": None}, "content"),
        ({"content": 1}, "content"),
        ({"content": "\0"}, "content"),
        ({"language": "cobol"}, "cobol"),
        ({"language": ["python3"]}, "language"),
        ({"args": [1]}, "args"),
        ({"path": "../etc"}, "path"),
        ({"path": "f/ops/\0"}, "path"),
        ({"tag": "\0"}, "tag"),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_wrong_preview_names_the_field(
    api: Api, change: dict[str, object], field: str
) -> None:
    body = {"content": ANY, "language": "python3", "args": {}} | change
    answer = await api.post(f"{J}/run/preview", json=body)
    assert (answer.status, field in answer.text) == (400, True), answer


@pytest.mark.parametrize(
    ("args", "named"),
    [({}, "name"), ({"name": 1}, "name"), ({"name": "x", "count": "2"}, "count")],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_arguments_of_a_preview_are_held_against_its_code(
    api: Api, args: dict[str, Any], named: str
) -> None:
    body = {"content": MAIN, "language": "python3", "args": args}
    for path in ("run/preview", "run_wait_result/preview"):
        answer = await api.post(f"{J}/{path}", json=body)
        assert (answer.status, named in answer.text) == (400, True), answer
    unread = {**body, "content": "def main(:"}
    assert (await api.post(f"{J}/run/preview", json=unread)).status == 201


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_bodies_for_models_are_json(api: Api) -> None:
    for media, status in (("text/plain", 415), (FORM, 415)):
        answer = await api.post(
            f"{J}/run/preview", data=b"content=x", headers={"Content-Type": media}
        )
        assert answer.status == status
    answer = await api.post(f"{J}/run/preview", data=b"[1]", headers=JSON)
    assert (answer.status, "body" in answer.text) == (400, True)


async def test_an_operator_runs_what_is_deployed_and_no_code(api: Api) -> None:
    hash_ = await api.deploy()
    body = {"content": ANY, "language": "python3", "args": {}}
    for path in ("run/preview", "run_wait_result/preview", "run_inline/preview"):
        assert (await api.post(f"{J}/{path}", "olga", json=body)).status == 403, path
    assert (await api.post(f"{J}/run/p/f/ops/hello", "olga", json={"name": "x"})).status == 201
    assert (await api.post(f"{J}/run/h/{hash_}", "olga", json={"name": "x"})).status == 201


@pytest.mark.parametrize("path", ["run/p/f/no/thing", "run/h/0123456789abcdef", "run/h/zz"])
async def test_what_is_not_deployed_is_not_found(api: Api, path: str) -> None:
    answer = await api.post(f"{J}/{path}", json={})
    assert (answer.status, answer.text.startswith("Not found: ")) == (404, True)


async def test_others_scripts_are_not_run(api: Api) -> None:
    hash_ = await api.deploy("u/ada/secret", content=ANY)
    for path in ("p/u/ada/secret", f"h/{hash_}"):
        assert (await api.post(f"{J}/run/{path}", "bob", json={})).status == 404


@pytest.mark.parametrize(
    "path",
    ["run/p/f/ops/any", "run/h/abc", "run_wait_result/p/f/ops/any", "run_wait_result/h/abc"],
)
async def test_head_asks_whether_a_webhook_is_there_and_runs_nothing(api: Api, path: str) -> None:
    answer = await api.ask(None, "HEAD", f"{J}/{path}")
    assert (answer.status, answer.body) == (200, b"")
    assert (await api.get(f"{J}/queue/count")).json["database_length"] == 0


def payload(value: object, *, alphabet: bytes = b"+/", padded: bool = True) -> str:
    text = base64.b64encode(json.dumps(value).encode(), alphabet).decode()
    return text if padded else text.rstrip("=")

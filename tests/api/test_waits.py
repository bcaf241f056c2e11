"""Running and waiting for the result: what comes back, and what happens when nobody waits."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.api.conftest import MAIN, Answer, Api
from tests.api.test_runs import ANY, payload
from windmill_lite.api.routes import jobs_wait
from windmill_lite.engine import logbook
from windmill_lite.model.job import Outcome

J = "/api/w/main/jobs"
WAIT = f"{J}/run_wait_result/p/f/ops/any"
FAILED = {"error": {"name": "ValueError", "message": "no", "stack": "..."}}


@pytest.fixture(autouse=True)
async def any_args(api: Api) -> str:
    return await api.deploy("f/ops/any", content=ANY)


async def waited(
    api: Api, result: Any, *, outcome: Outcome = Outcome.SUCCESS, path: str = WAIT, **more: Any
) -> Answer:
    """The answer to a run whose job ends like this."""
    more.setdefault("json", {})
    asking = asyncio.create_task(api.post(path, **more))
    await api.work(result, outcome=outcome)
    return await asking


async def test_the_result_is_the_answer(api: Api, any_args: str) -> None:
    preview = {"content": MAIN, "language": "python3", "args": {"name": "x"}}
    for path, body in (
        (WAIT, {"a": 1}),
        (f"{J}/run_wait_result/h/{any_args}", {"a": 1}),
        (f"{J}/run_wait_result/preview", preview),
        (f"{J}/run_inline/preview", preview),
    ):
        answer = await waited(api, {"x": [1, "é"]}, path=path, json=body)
        assert (answer.status, answer.json) == (200, {"x": [1, "é"]}), path
        assert answer.headers["Content-Security-Policy"] == "sandbox"


@pytest.mark.parametrize("result", ["null", "1.50", '"text"', "[]", '{"b":1,"a":1e5}'])
async def test_a_result_is_given_as_it_was_stored(api: Api, result: str) -> None:
    assert (await waited(api, result)).text == result


async def test_a_failed_run_is_422_with_its_error(api: Api) -> None:
    answer = await waited(api, FAILED, outcome=Outcome.FAILURE)
    assert (answer.status, answer.json) == (422, FAILED)


@pytest.mark.parametrize(
    ("result", "status", "media", "body", "headers"),
    [
        ({"windmill_status_code": 201, "result": {"a": 1}}, 201, "application/json", '{"a":1}', {}),
        ({"windmill_status_code": 404, "result": "x"}, 404, "application/json", '"x"', {}),
        ({"windmill_status_code": 202}, 202, None, "", {}),
        ({"windmill_headers": {"X-A": "b"}}, 204, None, "", {"X-A": "b"}),
        (
            {"windmill_content_type": "text/html", "result": "<b>é</b>"},
            200,
            "text/html",
            "<b>é</b>",
            {"Content-Type": "text/html; charset=utf-8"},
        ),
        (
            {"windmill_content_type": "application/vnd.x+json", "result": {"a": 1}},
            200,
            "application/vnd.x+json",
            '{"a":1}',
            {},
        ),
        (
            {
                "windmill_status_code": 302,
                "windmill_headers": {"Location": "https://x.test/", "Cache-Control": "max-age=9"},
                "result": None,
            },
            302,
            "application/json",
            "null",
            {"Location": "https://x.test/", "Cache-Control": "max-age=9"},
        ),
    ],
)
async def test_a_script_chooses_its_response(
    api: Api,
    result: object,
    status: int,
    media: str | None,
    body: str,
    headers: dict[str, str],
) -> None:
    answer = await waited(api, result)
    assert (answer.status, answer.text) == (status, body)
    assert media in (None, answer.media)
    assert headers.items() <= dict(answer.headers).items()
    assert answer.headers["Content-Security-Policy"] == "sandbox"


async def test_a_script_cannot_speak_in_our_name(api: Api) -> None:
    result = {
        "windmill_headers": {
            "Set-Cookie": "token=evil",
            "content-security-policy": "script-src *",
            "X-Content-Type-Options": "none",
            "Content-Length": "1",
            "Transfer-Encoding": "chunked",
            "X-Fine": "yes",
        },
        "windmill_content_type": "text/html",
        "result": "<script>alert(1)</script>",
    }
    answer = await waited(api, result)
    assert answer.status == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    assert answer.headers["X-Fine"] == "yes"
    assert answer.text == "<script>alert(1)</script>"


@pytest.mark.parametrize(
    "result",
    [
        {"windmill_status_code": 99},
        {"windmill_status_code": "200"},
        {"windmill_status_code": True},
        {"windmill_status_code": 1000},
        {"windmill_content_type": "text/html\r\nX: y"},
        {"windmill_content_type": 7},
        {"windmill_headers": ["X"]},
        {"windmill_headers": {"X": "a\r\nSet-Cookie: b"}},
        {"windmill_headers": {"X: y": "a"}},
        {"windmill_headers": {"X": 1}},
        {"windmill_headers": {"X": "\u4e16"}},
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_response_that_cannot_be_is_the_scripts_failure(api: Api, result: object) -> None:
    answer = await waited(api, result)
    assert answer.status == 422
    assert answer.json["error"]["name"] == "InvalidResponse"


async def test_a_result_that_only_speaks_of_it_is_no_choice(api: Api) -> None:
    result = {"note": {"windmill_status_code": 500}}
    assert (await waited(api, result)).json == result


@pytest.mark.parametrize("alphabet", [b"+/", b"-_"])
@pytest.mark.parametrize("padded", [True, False])
async def test_a_get_takes_its_arguments_from_the_payload(
    api: Api, alphabet: bytes, *, padded: bool
) -> None:
    args = {"a": "~~~???>>>", "b": [1]}
    query = f"?payload={payload(args, alphabet=alphabet, padded=padded)}"
    asking = asyncio.create_task(api.get(WAIT + query))
    job = await api.work('"done"')
    assert json.loads(job.job.args) == args
    assert (await asking).json == "done"


@pytest.mark.parametrize("given", ["%%%", "bm90IGpzb24=", "W10x"])
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_wrong_payload_is_named(api: Api, given: str) -> None:
    answer = await api.get(f"{WAIT}?payload={given}")
    assert (answer.status, "payload" in answer.text) == (400, True)


async def test_a_full_queue_refuses_at_once(api: Api) -> None:
    await api.preview(name="x")
    answer = await api.post(f"{WAIT}?queue_limit=0", json={})
    assert answer.status == 429
    assert "Retry-After" in answer.headers


async def test_who_goes_away_leaves_no_job_behind(api: Api) -> None:
    asking = asyncio.create_task(api.post(WAIT, json={}))
    with api.world.db.bell.listen("cancel") as canceled:
        job = await api.claim()
        asking.cancel()
        assert await canceled.wait(20)
    await api.finish(job, {"too": "late"})
    shown = (await api.get(f"/api/w/main/jobs_u/get/{job.job.id}")).json
    assert (shown["canceled"], shown["canceled_reason"]) == (True, "http connection broke")


async def test_a_wait_that_takes_too_long_says_so(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_wait, "WAIT_RESULT_S", 0.0)
    answer = await api.post(WAIT, json={})
    assert (answer.status, "timeout after 0s" in answer.text) == (504, True)
    assert (await api.get(f"{J}/queue/count")).json["database_length"] == 1, "the job goes on"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_run_can_be_answered_with_its_stream(api: Api, any_args: str, method: str) -> None:
    for place in ("p/f/ops/any", f"h/{any_args}"):
        query = f"?payload={payload({'a': 1})}" if method == "GET" else ""
        more: dict[str, Any] = {} if method == "GET" else {"json": {"a": 1}}
        path = f"{J}/run_and_stream/{place}{query}"
        asking = asyncio.create_task(api.ask("ada", method, path, **more))
        job = await api.claim()
        assert json.loads(job.job.args) == {"a": 1}
        await logbook.append_stream(api.world, job.job.id, job.attempt, start=0, chunk="ab\nc")
        await api.finish(job, json.dumps("ab\nc"), log="unheard")
        answer = await asking
        assert answer.headers["X-Job-Id"] == str(job.job.id)
        told = [json.loads(line[6:]) for line in answer.text.splitlines() if line]
        assert "".join(m.get("new_result_stream", "") for m in told) == "ab\nc"
        assert (told[-1]["completed"], told[-1]["only_result"]) == (True, "ab\nc")
        assert all("new_logs" not in m for m in told)


async def test_a_skipped_job_has_succeeded(api: Api) -> None:
    job_id = await api.preview(name="s")
    await api.work({"n": 1}, outcome=Outcome.SKIPPED)
    job = (await api.get(f"/api/w/main/jobs_u/get/{job_id}")).json
    assert (job["success"], job["is_skipped"]) == (True, True)
    told = (await api.get(f"/api/w/main/jobs_u/completed/get_result_maybe/{job_id}")).json
    assert (told["success"], told["result"]) == (True, {"n": 1})

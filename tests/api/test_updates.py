"""Following a job: the question that waits, and the stream."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from tests.api.conftest import Api
from windmill_lite.api import events
from windmill_lite.api.call import DOOR, Call
from windmill_lite.api.shapes.jobs import JobEvent, JobUpdate
from windmill_lite.base.errors import Unavailable
from windmill_lite.engine import logbook

U = "/api/w/main/jobs_u"
METRICS = "/api/w/main/job_metrics"


async def stream(api: Api, job_id: object, query: str = "") -> AsyncIterator[dict[str, Any]]:
    """The messages of one stream, to its end."""
    url = api.client.make_url(f"{U}/getupdate_sse/{job_id}?{query}")
    headers = {"Authorization": f"Bearer {api.tokens['ada']}"}
    async with api.client.session.get(url, headers=headers) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        assert response.headers["Cache-Control"] == "no-store"
        async for line in response.content:
            if line.startswith(b"data: "):
                message = json.loads(line[6:])
                JobEvent.model_validate(message)
                yield message


async def update(api: Api, job_id: str, query: str) -> dict[str, Any]:
    answer = await api.get(f"{U}/getupdate/{job_id}?{query}")
    JobUpdate.model_validate(answer.json)
    found: dict[str, Any] = answer.json
    return found


async def test_a_question_is_answered_when_there_is_news(api: Api) -> None:
    job_id = await api.preview(name="x")
    asking = asyncio.create_task(update(api, job_id, "running=false&log_offset=0"))
    job = await api.claim()
    assert await asking == {"running": True, "completed": False, "log_offset": 0}

    asking = asyncio.create_task(update(api, job_id, "running=true&log_offset=0"))
    await logbook.append(api.world, job.job.id, job.attempt, start=0, chunk="héllo\n")
    news = await asking
    assert (news["new_logs"], news["log_offset"]) == ("héllo\n", 6)

    await api.finish(job, 1, log="bye\n")
    news = await update(api, job_id, "running=true&log_offset=6")
    assert (news["completed"], news["new_logs"], news["log_offset"]) == (True, "bye\n", 10)
    assert "new_logs" not in await update(api, job_id, "log_offset=10")
    assert "new_logs" not in await update(api, job_id, "log_offset=0&no_logs=true")


async def test_a_question_without_news_is_held_and_then_answered(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "UPDATE_HOLD_S", 0.01)
    job_id = await api.preview(name="x")
    answer = await update(api, job_id, "running=false&log_offset=0")
    assert answer == {"running": False, "completed": False, "log_offset": 0}


@pytest.mark.parametrize("query", ["log_offset=-1", "log_offset=x", "log_offset=9" + "9" * 30])
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_wrong_offset_is_named(api: Api, query: str) -> None:
    answer = await api.get(f"{U}/getupdate/{uuid4()}?{query}")
    assert (answer.status, "log_offset" in answer.text) == (400, True)


async def test_a_stream_follows_a_job_to_its_end(api: Api) -> None:
    job_id = await api.preview(name="x")
    job = await api.claim()
    heard = []
    async for message in stream(api, job_id):
        heard.append(message)
        if len(heard) == 1:
            await logbook.append(api.world, job.job.id, job.attempt, start=0, chunk="one\n")
        if len(heard) == 2:
            await api.finish(job, {"a": 1}, log="two\n")
    assert [m["type"] for m in heard] == ["update"] * 3
    assert heard[0]["running"] is True
    assert [m.get("new_logs") for m in heard] == [None, "one\n", "two\n"]
    assert [m["log_offset"] for m in heard] == [0, 4, 8]
    last = heard[2]
    assert (last["completed"], last["job"]["result"]) == (True, {"a": 1})
    assert last["job"]["logs"] == "one\ntwo\n"


async def test_a_stream_goes_on_where_the_last_one_stopped(api: Api) -> None:
    job_id = await api.preview(name="x")
    await api.work({"a": 1}, log="0123456789")
    heard = [m async for m in stream(api, job_id, "running=true&log_offset=4&stream_offset=0")]
    assert [(m["new_logs"], m["completed"]) for m in heard] == [("456789", True)]
    heard = [m async for m in stream(api, job_id, "only_result=true&no_logs=true")]
    assert [m["only_result"] for m in heard] == [{"a": 1}]
    assert {"job", "new_logs"}.isdisjoint(heard[0])


async def test_a_streamed_result_and_progress_are_news(api: Api) -> None:
    job_id = await api.preview(name="x")
    job = await api.claim()
    heard = []
    async for message in stream(api, job_id, "no_logs=true&only_result=true"):
        heard.append(message)
        if len(heard) == 1:
            await logbook.append_stream(api.world, job.job.id, job.attempt, start=0, chunk="ab")
        if len(heard) == 2:
            answer = await api.post(f"{METRICS}/set_progress/{job_id}", json={"percent": 40})
            assert answer.status == 200
        if len(heard) == 3:
            await logbook.append_stream(api.world, job.job.id, job.attempt, start=2, chunk="c")
            await api.finish(job, '"abc"')
    assert [m.get("new_result_stream") for m in heard[:2]] == [None, "ab"]
    assert "".join(m.get("new_result_stream", "") for m in heard) == "abc"
    assert [m.get("progress") for m in heard[:3]] == [None, None, 40]
    assert (heard[-1]["stream_offset"], heard[-1]["only_result"]) == (3, "abc")
    news = await update(api, job_id, "stream_offset=1")
    assert (news["new_result_stream"], news["stream_offset"], news["progress"]) == ("bc", 3, 40)


@pytest.mark.parametrize(("said", "shown"), [(40, 40), (100, 99), (-1, 0), (0, 0)])
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_job_says_how_far_it_is(api: Api, said: int, shown: int) -> None:
    job_id = await api.preview(name="x")
    at = f"{METRICS}/get_progress/{job_id}"
    assert (await api.get(at)).json is None
    await api.post(f"{METRICS}/set_progress/{job_id}", json={"percent": 7})
    assert (await api.get(at)).json is None  # it does not run
    await api.claim()
    body = {"percent": said, "flow_job_id": None}
    assert (await api.post(f"{METRICS}/set_progress/{job_id}", json=body)).status == 200
    assert (await api.get(at)).json == shown
    assert (await api.post(f"{METRICS}/set_progress/{uuid4()}", json=body)).status == 404


async def test_a_stream_of_nothing_says_so(api: Api) -> None:
    assert [m async for m in stream(api, uuid4())] == [{"type": "notfound"}]


async def test_a_silent_stream_pings_and_asks_to_come_back(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "STREAM_PING_S", 0.05)
    monkeypatch.setattr(events, "STREAM_S", 1.0)
    job_id = await api.preview(name="x")
    kinds = [m["type"] async for m in stream(api, job_id)]
    assert kinds[0] == "ping"
    assert kinds[-1] == "timeout"


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_listener_that_vanishes_leaves_nothing_behind(api: Api) -> None:
    job_id = await api.preview(name="x")
    app = api.client.app
    assert app is not None
    door = app[DOOR]
    await api.claim()
    url = api.client.make_url(f"{U}/getupdate_sse/{job_id}")
    headers = {"Authorization": f"Bearer {api.tokens['ada']}"}
    async with aiohttp.ClientSession() as browsers:
        responses = [await browsers.get(url, headers=headers) for _ in range(50)]
        for response in responses:
            assert (await response.content.readline()).startswith(b"data: ")
        listening = set(door.streams)
        assert len(listening) == 50
        for response in responses:
            response.close()
    _, still = await asyncio.wait(listening, timeout=10)
    assert still == set()
    assert door.streams == set()


async def test_a_stream_goes_on_when_the_database_was_away(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told, refusals = events._update, iter((Unavailable("away"), Unavailable("still away")))

    async def now_and_then(*given: Any, **more: Any) -> str:
        for refusal in refusals:
            raise refusal
        return await told(*given, **more)

    monkeypatch.setattr(events, "_update", now_and_then)
    monkeypatch.setattr(events, "CLAIM_POLL_S", 0.01)
    job_id = await api.preview(name="x")
    await api.finish(await api.claim(), 1, log="said\n")
    [message] = [message async for message in stream(api, job_id)]
    assert (message["completed"], message["new_logs"]) == (True, "said\n")
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_listener_that_vanishes_in_the_middle_of_a_word_is_no_error(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told = events._update

    async def gone_meanwhile(call: Call, *given: Any, **more: Any) -> str:
        words = await told(call, *given, **more)
        assert call.request.transport is not None
        call.request.transport.close()  # known to who writes now, and to others later
        return words

    monkeypatch.setattr(events, "_update", gone_meanwhile)
    job_id = await api.preview(name="x")
    await api.work(1)
    with pytest.raises(aiohttp.ClientError):
        await api.get(f"{U}/getupdate_sse/{job_id}")
    assert (await api.get("/healthz", None)).status == 200
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []

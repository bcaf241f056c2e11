"""Cached answers, results that are read once, and priority, as clients see them."""

from __future__ import annotations

import asyncio

import pytest

from tests.api.conftest import Api
from tests.api.test_runs import ANY

J = "/api/w/main/jobs"


async def test_a_cached_answer_says_whose_it_is(api: Api) -> None:
    await api.deploy("f/ops/any", content=ANY, cache_ttl=60)
    path = f"{J}/run_wait_result/p/f/ops/any"
    asking = asyncio.create_task(api.post(path, json={"a": 1}))
    first = await api.work({"x": 1})
    assert (await asking).json == {"x": 1}
    assert (await api.post(path, json={"a": 1})).json == {"x": 1}
    second, shown = (await api.get(f"{J}/list")).json[0], str(first.job.id)
    assert (second["from_cache"], second["cached_from"]) == (True, shown)
    assert (second["success"], second["duration_ms"]) == (True, 0)
    whole = (await api.get(f"/api/w/main/jobs_u/get/{second['id']}")).json
    assert (whole["result"], whole["args"], whole["from_cache"]) == ({"x": 1}, {"a": 1}, True)
    first_shown = (await api.get(f"/api/w/main/jobs_u/get/{shown}")).json
    assert "from_cache" not in first_shown


async def test_a_result_that_is_read_once_is_gone_when_its_waiter_has_it(api: Api) -> None:
    await api.deploy("f/ops/any", content=ANY, delete_after_secs=0)
    asking = asyncio.create_task(api.post(f"{J}/run_wait_result/p/f/ops/any", json={"a": 1}))
    job = await api.work({"secret": 1}, log="secret\n")
    assert (await asking).json == {"secret": 1}
    shown = (await api.get(f"/api/w/main/jobs_u/get/{job.job.id}")).json
    assert (shown["deleted"], shown["args"], shown["logs"]) == (True, {}, "")
    assert shown["success"] is True
    assert shown["result"] is None


@pytest.mark.parametrize(
    "query", ["priority=101", "priority=-1", "cache_ttl=-1", "on_worker_loss=restart"]
)
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_wrong_number_is_named(api: Api, query: str) -> None:
    await api.deploy("f/ops/any", content=ANY)
    answer = await api.post(f"{J}/run/p/f/ops/any?{query}", json={})
    assert (answer.status, query.split("=", maxsplit=1)[0] in answer.text) == (400, True)


async def test_a_run_may_be_made_one_that_is_started_at_most_once(api: Api) -> None:
    await api.deploy("f/ops/any", content=ANY)
    for query, shown in (("?on_worker_loss=fail", "fail"), ("", None)):
        job = (await api.post(f"{J}/run/p/f/ops/any{query}", json={})).text
        told = (await api.get(f"/api/w/main/jobs_u/get/{job}")).json
        assert told.get("on_worker_loss") == shown


async def test_priority_is_shown(api: Api) -> None:
    await api.deploy("f/ops/any", content=ANY)
    job = (await api.post(f"{J}/run/p/f/ops/any?priority=7", json={})).text
    assert (await api.get(f"/api/w/main/jobs_u/get/{job}")).json["priority"] == 7

"""`Idempotency-Key` on every way to start a run."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.api.conftest import MAIN, Api
from tests.api.test_runs import ANY, payload
from windmill_lite.model.limits import IDEMPOTENCY_KEY_CHARS_MAX

J = "/api/w/main/jobs"
KEY = {"Idempotency-Key": "order-7"}
SCHEDULE = {
    "path": "f/ops/any",
    "schedule": "0 0 12 * * *",
    "timezone": "UTC",
    "script_path": "f/ops/any",
    "is_flow": False,
    "args": {"a": 1},
    "enabled": False,
}
PREVIEW = {"content": MAIN, "language": "python3", "args": {"name": "x"}}


@pytest.fixture(autouse=True)
async def any_args(api: Api) -> str:
    return await api.deploy("f/ops/any", content=ANY)


async def test_a_repeated_run_answers_with_the_same_job(api: Api, any_args: str) -> None:
    made = await api.post("/api/w/main/schedules/create", json=SCHEDULE)
    assert made.status == 201, made.text
    raw = {"raw_code": MAIN, "language": "python3", "path": "f/ops/any"}
    ways: list[tuple[str, dict[str, Any]]] = [
        (f"{J}/run/p/f/ops/any", {"a": 1}),
        (f"{J}/run/h/{any_args}", {"a": 1}),
        (f"{J}/run/preview", PREVIEW),
        (f"{J}/run/dependencies_async", {"raw_scripts": [raw], "entrypoint": "f/ops/any"}),
        (f"{J}/run/flow_dependencies_async", {"flow_value": {"modules": []}}),
        ("/api/w/main/schedules/run_now/f/ops/any", {}),
    ]
    for number, (path, body) in enumerate(ways):
        key = {"Idempotency-Key": f"order-{number}"}
        first = await api.post(path, json=body, headers=key)
        again = await api.post(path, json=body, headers=key)
        assert (first.status, again.status) == (201, 201)
        assert first.text == again.text
    assert (await api.get(f"{J}/queue/count")).json["database_length"] == len(ways)


async def test_waiting_variants_wait_for_the_job_that_is_there(api: Api, any_args: str) -> None:
    started = await api.post(f"{J}/run/p/f/ops/any", json={"a": 1}, headers=KEY)
    waiting = [
        asyncio.create_task(
            api.post(f"{J}/run_wait_result/p/f/ops/any", json={"a": 1}, headers=KEY)
        ),
        asyncio.create_task(
            api.get(f"{J}/run_wait_result/p/f/ops/any?payload={payload({'a': 1})}", headers=KEY)
        ),
    ]
    job = await api.work({"done": True})
    assert str(job.job.id) == started.text
    assert [(await each).json for each in waiting] == [{"done": True}] * 2
    later = await api.post(f"{J}/run_wait_result/p/f/ops/any", json={"a": 1}, headers=KEY)
    assert later.json == {"done": True}


@pytest.mark.parametrize("way", ["run_wait_result/preview", "run_inline/preview"])
async def test_previews_are_known_again(api: Api, way: str) -> None:
    asking = asyncio.create_task(api.post(f"{J}/{way}", json=PREVIEW, headers=KEY))
    await api.work("1")
    assert (await asking).text == "1"
    assert (await api.post(f"{J}/{way}", json=PREVIEW, headers=KEY)).text == "1"


async def test_a_key_with_another_body_is_a_conflict_that_names_it(api: Api) -> None:
    first = await api.post(f"{J}/run/p/f/ops/any", json={"a": 1}, headers=KEY)
    answer = await api.post(f"{J}/run/p/f/ops/any", json={"a": 2}, headers=KEY)
    assert answer.status == 409
    assert "order-7" in answer.text
    assert first.text in answer.text


async def test_who_goes_away_with_a_key_finds_the_job_again(api: Api) -> None:
    path = f"{J}/run_wait_result/p/f/ops/any"
    asking = asyncio.create_task(api.post(path, json={}, headers=KEY))
    job = await api.claim()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    again = asyncio.create_task(api.post(path, json={}, headers=KEY))
    await api.finish(job, "1")
    assert (await again).text == "1"


@pytest.mark.parametrize("key", ["", "x" * (IDEMPOTENCY_KEY_CHARS_MAX + 1), "a\tb"])
@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_key_that_is_none_is_named(api: Api, key: str) -> None:
    answer = await api.post(f"{J}/run/p/f/ops/any", json={}, headers={"Idempotency-Key": key})
    assert (answer.status, "Idempotency-Key" in answer.text) == (400, True)

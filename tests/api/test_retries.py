"""`retry` on a run: Windmill's policy, and what is told of it."""

from __future__ import annotations

import json
from urllib.parse import urlencode
from uuid import UUID

import pytest

from tests.api.conftest import MAIN, Api
from windmill_lite.model.job import Outcome

J = "/api/w/main/jobs"
PREVIEW = {"content": MAIN, "language": "python3", "args": {"name": "x"}}


async def test_a_failed_run_is_tried_again_as_asked(api: Api) -> None:
    policy = {"constant": {"attempts": 1, "seconds": 0}}
    query = urlencode({"retry": json.dumps(policy)})
    job_id = (await api.post(f"{J}/run/preview?{query}", json=PREVIEW)).text
    await api.work({"error": {"name": "E", "message": "m"}}, outcome=Outcome.FAILURE)
    shown = (await api.get(f"/api/w/main/jobs_u/get/{job_id}")).json
    assert (shown["type"], shown["running"], shown["retries"]) == ("QueuedJob", False, 1)
    assert shown["retry"] == policy
    assert "try 1 of 2 failed: E: m" in shown["logs"]
    await api.work({"done": True})
    shown = (await api.get(f"/api/w/main/jobs_u/get/{job_id}")).json
    assert (shown["success"], shown["retries"], shown["attempt"]) == (True, 1, 2)
    first, second = (await api.get(f"/api/w/main/jobs_u/get_attempts/{job_id}")).json
    assert (first["number"], first["ended"]) == (1, "failed")
    assert first["reason"] == "try 1 of 2 failed: E: m"
    assert first["started_at"] <= first["ended_at"] <= second["started_at"]
    assert (second["number"], second["ended"], "reason" in second) == (2, "success", False)


async def test_a_version_says_how_often_its_runs_are_tried_again(api: Api) -> None:
    policy = {"constant": {"attempts": 2, "seconds": 0}}
    await api.deploy(retry=policy)
    own = urlencode({"retry": json.dumps({"constant": {"attempts": 1, "seconds": 0}})})
    for query, attempts in (("", 2), (f"?{own}", 1)):
        run = await api.post(f"{J}/run/p/f/ops/hello{query}", json={"name": "x"})
        shown = (await api.get(f"/api/w/main/jobs_u/get/{run.text}")).json
        assert shown["retry"]["constant"]["attempts"] == attempts
        for _ in range(1 + attempts):
            await api.work({"error": {"name": "E", "message": "m"}}, outcome=Outcome.FAILURE)
        shown = (await api.get(f"/api/w/main/jobs_u/get/{run.text}")).json
        assert (shown["success"], shown["retries"]) == (False, attempts)


async def test_nobody_hears_of_attempts_of_a_job_that_is_not_his(api: Api) -> None:
    unknown = await api.get(f"/api/w/main/jobs_u/get_attempts/{UUID(int=5)}")
    assert (unknown.status, "does not exist" in unknown.text) == (404, True)


@pytest.mark.parametrize("policy", ["{}", '{"constant": {"attempts": 0, "seconds": 5}}'])
async def test_a_policy_without_tries_asks_for_none(api: Api, policy: str) -> None:
    query = urlencode({"retry": policy})
    job_id = (await api.post(f"{J}/run/preview?{query}", json=PREVIEW)).text
    await api.work({"error": {}}, outcome=Outcome.FAILURE)
    shown = (await api.get(f"/api/w/main/jobs_u/get/{job_id}")).json
    assert (shown["success"], "retry" in shown) == (False, False)

"""`retry` on a run: Windmill's policy, and what is told of it."""

from __future__ import annotations

import json
from urllib.parse import urlencode

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


@pytest.mark.parametrize("policy", ["{}", '{"constant": {"attempts": 0, "seconds": 5}}'])
async def test_a_policy_without_tries_asks_for_none(api: Api, policy: str) -> None:
    query = urlencode({"retry": policy})
    job_id = (await api.post(f"{J}/run/preview?{query}", json=PREVIEW)).text
    await api.work({"error": {}}, outcome=Outcome.FAILURE)
    shown = (await api.get(f"/api/w/main/jobs_u/get/{job_id}")).json
    assert (shown["success"], "retry" in shown) == (False, False)

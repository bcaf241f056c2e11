"""What Windmill's clients ask of many jobs at once, of tags and of what starts a script."""

from __future__ import annotations

import asyncio

import pytest

from tests.api.conftest import MAIN, Api
from tests.api.flows._work import deployed, end, play, turn
from tests.api.flows._write import raw
from windmill_lite.model.job import Outcome

W = "/api/w/main"
J = f"{W}/jobs"
NONE = "6f1d7c4e-3b0a-5d0e-9a53-2f7e0c6b8d11"


async def ran(api: Api, path: str = "f/ops/hello", **more: Outcome) -> str:
    id = (await api.post(f"{J}/run/p/{path}", json={"name": "x"})).text
    await api.work("x", **more)
    return id


async def test_a_job_asks_whether_its_worker_stops(api: Api) -> None:
    job_id = await api.preview(name="x")
    await api.claim()
    assert (await api.get(f"{J}/worker_is_draining/{job_id}")).json is False
    assert (await api.get(f"{J}/worker_is_draining/{job_id}", "bob")).status == 404


async def test_jobs_are_run_again_as_they_were_or_otherwise(api: Api) -> None:
    old = await api.deploy()
    ids = [await ran(api), await api.preview(name="x"), NONE]
    new = await api.deploy(content=MAIN + "# other\n", auto_parent=True)
    again = {"job_ids": ids, "script_options_by_path": {}, "flow_options_by_path": {}}
    lines = (await api.post(f"{J}/run/batch_rerun_jobs", json=again)).text.split("\n")
    job = (await api.get(f"{W}/jobs_u/get/{lines[0]}")).json
    assert (job["script_hash"], job["args"]) == (old, {"name": "x"})
    assert lines[1] == f"Error: {ids[1]}: it is no run of something deployed, or a part of one"
    assert lines[2] == f"Error: {NONE}: job {NONE} does not exist"
    static = {"name": {"type": "static", "value": "y"}}
    otherwise = {"f/ops/hello": {"use_latest_version": True, "input_transforms": static}}
    asked = {"job_ids": ids[:1], "script_options_by_path": otherwise}
    told = (await api.post(f"{J}/run/batch_rerun_jobs", "bob", json=asked)).text
    job = (await api.get(f"{W}/jobs_u/get/{told}")).json
    assert (job["script_hash"], job["args"], job["created_by"]) == (new, {"name": "y"}, "bob")
    static["name"] = {"type": "javascript", "expr": "1"}
    told = (await api.post(f"{J}/run/batch_rerun_jobs", json=asked)).text
    assert told == f"Error: {ids[0]}: name: only static values are taken here"


async def test_what_waits_for_its_time_is_run_now(api: Api) -> None:
    await api.deploy()
    id = (await api.post(f"{J}/run/p/f/ops/hello?scheduled_in_secs=900", json={"name": "x"})).text
    private = await api.preview(name="x")
    assert (await api.post(f"{J}/queue/run_now/{private}", "bob")).status == 404
    assert (await api.post(f"{J}/queue/run_now/{private}")).status == 409
    await api.work()
    assert (await api.post(f"{J}/queue/run_now/{id}", "bob")).text == id
    assert str((await api.claim()).job.id) == id
    asked = [id, NONE, private]
    started = (await api.post(f"{W}/jobs_u/queue/get_started_at_by_ids", json=asked)).json
    assert [moment is not None for moment in started] == [True, False, True]
    assert (await api.post(f"{J}/queue/run_now/{id}")).status == 409


async def test_what_a_completed_job_carried_is_erased(api: Api) -> None:
    await api.deploy()
    id, waiting = await ran(api), await api.preview(name="x")
    gone = f"{J}/completed/delete"
    assert (await api.post(f"{gone}/{id}", "bob")).status == 403
    assert (await api.post(f"{gone}/{waiting}")).status == 404
    told = (await api.post(f"{gone}/{id}")).json
    assert (told["deleted"], told["success"], told.get("args")) == (True, True, {})
    assert (await api.get(f"{J}/completed/get_result/{id}")).json is None
    asked = {"job_ids": [id]}
    line = (await api.post(f"{J}/run/batch_rerun_jobs", json=asked)).text
    assert line == f"Error: {id}: its arguments were deleted"


async def test_nothing_is_erased_that_a_flow_may_read(api: Api) -> None:
    await deployed(api, "f/ops/flow", raw("a", "1"), raw("b", "results.a"))
    flow = (await api.post(f"{J}/run/f/f/ops/flow", json={})).text
    first = await turn(api)
    assert first is not None
    await end(api, first, 1)
    gone = f"{J}/completed/delete"
    refused = await api.post(f"{gone}/{first.job.id}")
    assert (refused.status, "still runs" in refused.text) == (409, True)
    await play(api)
    restarted = (await api.post(f"{J}/restart/f/{flow}", json={"step_id": "b"})).text
    for id in (flow, first.job.id):
        refused = await api.post(f"{gone}/{id}")
        assert (refused.status, "goes on from" in refused.text) == (409, True)
    await play(api)
    assert (await api.post(f"{gone}/{restarted}")).status == 200


async def test_jobs_are_counted(api: Api) -> None:
    await api.deploy()
    await api.deploy("f/ops/gpu", tag="gpu")
    await ran(api)
    await ran(api, outcome=Outcome.FAILURE)
    await api.post(f"{J}/run/p/f/ops/gpu", json={"name": "x"})
    running = (await api.post(f"{J}/run/p/f/ops/hello", json={"name": "x"})).text
    assert str((await api.claim()).job.id) == running
    count = f"{J}/completed/count_jobs"
    assert (await api.get(f"{J}/completed/count")).json == {"database_length": 2}
    assert [
        (await api.get(f"{count}{query}", "bob")).json
        for query in ("", "?success=true", "?success=false", "?tags=gpu,bun", "?tags=gpu,python3")
    ] == [2, 1, 1, 0, 2]
    by_tag = "/api/jobs/completed/count_by_tag?horizon_secs=60&workspace_id="
    assert (await api.get(f"{by_tag}main")).json == [{"tag": "python3", "count": 2}]
    assert (await api.get(f"{by_tag}other")).json == []
    assert (await api.get(f"{by_tag}main", "bob")).status == 403
    assert (await api.get("/api/workers/queue_counts")).json == {"gpu": 1}
    assert (await api.get("/api/workers/queue_running_counts")).json == {"python3": 1}


async def test_keys_are_listed_with_their_jobs(api: Api) -> None:
    await api.deploy(concurrent_limit=1, concurrency_key="ops", concurrency_time_window_s=0)
    for _ in range(2):
        await api.post(f"{J}/run/p/f/ops/hello", json={"name": "x"})
    await api.claim()
    listed = "/api/concurrency_groups/list"
    [key] = (await api.get(listed)).json
    assert key["total_running"] == 1
    assert (await api.get(listed, "bob")).status == 403


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_which_tags_are_served_is_told(api: Api) -> None:
    served = "/api/workers/exists_workers_with_tags?tags=python3,gpu"
    assert (await api.get(served)).json == {"python3": True, "gpu": False}
    assert (await api.get("/api/workers/custom_tags")).json == []
    assert (await api.get(f"{W}/workers/custom_tags", "bob")).json == []
    assert (await api.get("/api/configs/list_worker_groups")).json[0]["name"] == "default"


async def test_what_starts_a_script_is_counted(api: Api) -> None:
    await api.deploy()
    schedule = {"path": "f/ops/hello", "script_path": "f/ops/hello", "is_flow": False}
    when = {"schedule": "0 0 3 * * *", "timezone": "UTC", "enabled": False, "args": {}}
    assert (await api.post(f"{W}/schedules/create", json=schedule | when)).status < 300
    await api.token("hook", scopes=("jobs:run:scripts:f/ops/*",))
    await api.token("flows", scopes=("jobs:run:flows",))
    count = (await api.get(f"{W}/scripts/get_triggers_count/f/ops/hello")).json
    first = {"schedule": "0 0 3 * * *"}
    assert count == {"primary_schedule": first, "schedule_count": 1, "webhook_count": 1}
    told = (await api.get(f"{W}/scripts/list_tokens/f/ops/hello")).json
    assert [token["label"] for token in told] == ["hook"]
    assert (await api.get(f"{W}/scripts/list_tokens/f/ops/hello", "bob")).json == []
    told = (await api.get(f"{W}/flows/list_tokens/f/ops/hello")).json
    assert [token["label"] for token in told] == ["flows"]
    count = (await api.get(f"{W}/flows/get_triggers_count/f/ops/hello")).json
    assert count == {"schedule_count": 0, "webhook_count": 1}


async def test_versions_of_a_script_are_described_afterwards(api: Api) -> None:
    hash_ = await api.deploy()
    await api.deploy("u/ada/own")
    why = {"deployment_msg": "first"}
    update = f"{W}/scripts/history_update/h/{hash_}/p/f/ops/hello"
    assert (await api.post(update, "olga", json=why)).status == 403
    assert (await api.post(update, json={"deployment_msg": "x" * 10_000})).status == 400
    assert (await api.post(update, "bob", json=why)).status == 200
    latest = (await api.get(f"{W}/scripts/get_latest_version/f/ops/hello")).json
    assert (latest["script_hash"], latest["deployment_msg"]) == (hash_, "first")
    assert (await api.get(f"{W}/scripts/get_latest_version/u/ada/own", "bob")).status == 404
    found = (await api.get(f"{W}/scripts/list_search", "bob")).json
    assert found == [{"path": "f/ops/hello", "content": MAIN}]


async def test_a_deployed_script_is_run_inline(api: Api) -> None:
    hash_ = await api.deploy()
    for what in ("p/f/ops/hello", f"h/{hash_}"):
        body = {"args": {"name": "x"}}
        asking = asyncio.create_task(api.post(f"{J}/run_inline/{what}", "bob", json=body))
        job = await api.work(["xx"])
        assert (job.job.args, (await asking).json) == ('{"name":"x"}', ["xx"])

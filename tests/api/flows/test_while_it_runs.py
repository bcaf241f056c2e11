"""What is asked of a flow while it runs, and what its scripts say to each other."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.flows._work import deployed, end, play, turn
from tests.api.flows._write import F, body, loop, raw
from windmill_lite.api.shapes.jobs import JobEvent
from windmill_lite.engine import schedule as engine
from windmill_lite.engine.keeping import prune
from windmill_lite.store.db.sqlfile import parse
from windmill_lite.store.machine import schedules
from windmill_lite.store.machine.prune import Stretch

J, U, S = "/api/w/main/jobs", "/api/w/main/jobs_u", "/api/w/main/schedules"
PATH = "f/ops/flow"
LEFT = parse(
    "".join(
        f"-- name: {table}\nselect count(*) as rows from {table}\n"
        for table in (
            *("job", "job_done", "job_queue", "flow_run", "flow_item", "flow_result"),
            *("flow_voice", "flow_letter", "flow_gate", "flow_user_state"),
        )
    ),
    "here",
)


async def started(api: Api, **args: Any) -> str:
    answer = await api.post(f"{J}/run/f/{PATH}", json=args)
    assert answer.status == 201, answer
    return answer.text


async def test_results_are_read_by_the_id_of_their_step(api: Api) -> None:
    inner = loop("l", raw("a", "({n: [flow_input.iter.value]})"), over="[1, 2]")
    await deployed(api, PATH, inner, raw("b", "results.l.length"), raw("c"))
    id = await started(api)
    missing = await api.get(f"{J}/result_by_id/{id}/b")
    assert missing.status == 404
    await play(api)
    assert (await api.get(f"{J}/result_by_id/{id}/b")).json == 2
    assert (await api.get(f"{J}/result_by_id/{id}/l")).json == [{"n": [1]}, {"n": [2]}]
    assert (await api.get(f"{J}/result_by_id/{id}/a?json_path=n.0")).json == 2, "the last turn's"
    assert (await api.get(f"{J}/result_by_id/{id}/none")).status == 404
    script = await api.preview(name="x")
    assert (await api.get(f"{J}/result_by_id/{script}/a")).status == 404


async def test_a_strangers_flow_tells_nothing(api: Api) -> None:
    await deployed(api, "u/ada/own")
    id = (await api.post(f"{J}/run/f/u/ada/own", json={})).text
    await play(api)
    for path in (
        f"{J}/result_by_id/{id}/a",
        f"{J}/flow/user_states/{id}/k",
        f"{U}/get_flow_debug_info/{id}",
    ):
        assert (await api.get(path, "bob")).status == 404, path
    assert (await api.post(f"{J}/flow/user_states/{id}/k", "bob", json=1)).status == 404


async def test_the_scripts_of_a_flow_keep_values_for_each_other(api: Api) -> None:
    await deployed(api)
    id = await started(api)
    step = await turn(api)
    assert step is not None
    state = f"{J}/flow/user_states/{id}/cursor"
    assert (await api.get(state)).json is None
    for value in ({"page": 2}, [3], None, "x"):
        assert (await api.post(state, json=value)).status == 200
        assert (await api.get(state)).json == value
    told = (await api.get(f"{U}/get/{id}")).json["flow_status"]["user_states"]
    assert told == {"cursor": "x"}
    assert (await api.get(f"{U}/get_flow_debug_info/{id}")).json["flow_status"]["step"] == 0
    body_ = io.BytesIO(json.dumps("x" * (1024 * 1024 + 1)).encode())
    large = await api.post(state, data=body_, headers={"Content-Type": "application/json"})
    assert large.status == 413
    await end(api, step, 1)
    await play(api)
    assert (await api.get(state)).json == "x"
    assert (await api.post(state, json=1)).status == 409
    script = await api.preview(name="x")
    assert (await api.get(f"{J}/flow/user_states/{script}/cursor")).status == 404


async def test_a_stream_tells_how_far_the_steps_are(api: Api) -> None:
    await deployed(api, PATH, raw("a", "1"), raw("b", "2"))
    id = await started(api)
    told: list[list[str]] = []

    async def listen() -> dict[str, Any]:
        url = api.client.make_url(f"{U}/getupdate_sse/{id}")
        headers = {"Authorization": f"Bearer {api.tokens['ada']}"}
        message: dict[str, Any] = {}
        async with api.client.session.get(url, headers=headers) as response:
            async for line in response.content:
                if line.startswith(b"data: "):
                    message = json.loads(line[6:])
                    JobEvent.model_validate(message)
                    status = message.get("flow_status") or {"modules": []}
                    told.append([module["type"] for module in status["modules"]])
                    heard.set()
        return message

    heard = asyncio.Event()
    listening = asyncio.create_task(listen())
    await asyncio.wait_for(heard.wait(), 20)
    assert told[0] == ["WaitingForPriorSteps", "WaitingForPriorSteps"]
    for _ in range(2):
        step = await turn(api)
        assert step is not None
        while (step.job.step_id == "a") != (told[-1][:1] == ["InProgress"]):
            heard.clear()
            await asyncio.wait_for(heard.wait(), 20)
        await end(api, step, 1)
    last = await asyncio.wait_for(listening, 20)
    assert last["completed"] is True
    assert last["job"]["flow_status"]["step"] == 2
    update = (await api.get(f"{U}/getupdate/{id}")).json
    assert len(update["flow_status"]["modules"]) == 2


@pytest.fixture
async def nightly(api: Api) -> str:
    """A flow, and a schedule for it."""
    await deployed(api, PATH, raw("a", "flow_input.n"))
    plan = {"schedule": "0 0 3 * * *", "timezone": "UTC", "args": {"n": 7}, "enabled": True}
    made = {"path": "f/ops/nightly", "script_path": PATH, "is_flow": True, **plan}
    answer = await api.post(f"{S}/create", json=made)
    assert answer.status == 201, answer
    return "f/ops/nightly"


async def test_a_schedule_starts_a_flow(api: Api, nightly: str) -> None:
    found = (await api.get(f"{S}/get/{nightly}")).json
    assert (found["is_flow"], found["script_path"]) == (True, PATH)
    assert len((await api.get(f"{S}/list?is_flow=true")).json) == 1
    assert (await api.get(f"{S}/list?is_flow=false")).json == []
    async with api.world.db.view() as view:
        stored = await schedules.get(view, "main", nightly)
        assert stored is not None
        owner = await engine.owner_of(view, stored)
        job = await engine.first_job(api.world, view, stored, owner)
    assert (job.kind, job.path, job.schedule_path) == ("flow", PATH, nightly)
    id = (await api.post(f"{S}/run_now/{nightly}")).text
    await play(api)
    assert (await api.get(f"{U}/get/{id}")).json["result"] == 7


async def test_a_schedule_follows_its_flow_to_another_path(api: Api, nightly: str) -> None:
    await api.post(f"{F}/update/{PATH}", json=body("f/ops/moved"))
    assert (await api.get(f"{S}/get/{nightly}")).json["script_path"] == "f/ops/moved"


async def test_a_schedule_for_no_flow_is_refused(api: Api) -> None:
    await api.deploy("f/ops/hello")
    plan = {"schedule": "0 0 3 * * *", "timezone": "UTC", "enabled": True}
    made = {"path": "f/ops/x", "script_path": "f/ops/hello", "is_flow": True, **plan}
    answer = await api.post(f"{S}/create", json=made)
    assert (answer.status, "flow f/ops/hello" in answer.text) == (404, True)


async def test_a_flow_that_is_pruned_leaves_nothing(api: Api) -> None:
    await deployed(api, PATH, loop("l", raw("a", "flow_input.iter.value")))
    id = await started(api)
    step = await turn(api)
    assert step is not None
    await api.post(f"{J}/flow/user_states/{id}/k", json=1)
    await end(api, step, 1)
    await play(api)
    where = Stretch("main", roots=True, before=api.world.now() + 10**9)
    removed = [part async for part in prune.along(api.world, where, lambda _: True)]
    assert sum(part.jobs for part in removed) == 5
    assert (await api.get(f"{U}/get/{id}")).status == 404
    async with api.world.db.view() as view:
        for table in LEFT.values():
            row = await view.one(table)
            assert row is not None
            assert row["rows"] == 0, table.name

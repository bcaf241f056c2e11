"""Runs of flows over HTTP: how they start, what is told of them, what they answer."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest

from tests.api.conftest import Answer, Api
from tests.api.flows._work import Failing, deployed, end, play, turn, while_asking
from tests.api.flows._write import F, body, flow, loop, raw
from windmill_lite.model.job import Claim

J, U = "/api/w/main/jobs", "/api/w/main/jobs_u"
PATH = "f/ops/flow"
TWO = (raw("a", "flow_input.n + 1"), raw("b", "results.a * 10"))


async def started(api: Api, path: str = PATH, who: str = "ada", **args: Any) -> str:
    answer = await api.post(f"{J}/run/f/{path}", who, json=args)
    assert answer.status == 201, answer
    return answer.text


async def job_of(api: Api, id: str, who: str = "ada") -> dict[str, Any]:
    answer = await api.get(f"{U}/get/{id}", who)
    assert answer.status == 200, answer
    found: dict[str, Any] = answer.json
    return found


def states(job: dict[str, Any]) -> list[str]:
    return [module["type"] for module in job["flow_status"]["modules"]]


async def test_a_deployed_flow_runs_and_its_job_tells_how_far_it_is(api: Api) -> None:
    version = await deployed(api, PATH, *TWO)
    id = await started(api, n=4)
    queued = await job_of(api, id)
    assert (queued["type"], queued["running"], queued["job_kind"]) == ("QueuedJob", False, "flow")
    assert states(queued) == ["WaitingForPriorSteps", "WaitingForPriorSteps"]
    assert queued["flow_status"]["failure_module"]["type"] == "WaitingForPriorSteps"
    assert queued["raw_flow"] == flow(*TWO)
    assert (queued["script_hash"], queued["script_path"]) == (str(version), PATH)

    first = await turn(api)
    assert first is not None
    running = await job_of(api, id)
    assert running["running"] is True
    assert states(running) == ["InProgress", "WaitingForPriorSteps"]
    assert running["flow_status"]["modules"][0]["job"] == str(first.job.id)
    assert "raw_code" not in running
    step = await job_of(api, str(first.job.id), "bob")
    assert (step["parent_job"], step["flow_step_id"], step["is_flow_step"]) == (id, "a", True)
    assert step["script_path"] == f"{PATH}/a", "who sees the flow sees its steps"

    await end(api, first, 5)
    assert await play(api) == ["b"]
    ended = await job_of(api, id)
    assert (ended["type"], ended["success"], ended["result"]) == ("CompletedJob", True, 50)
    assert states(ended) == ["Success", "Success"]
    assert ended["flow_status"]["step"] == 2
    assert "raw_flow" not in (await api.get(f"{U}/get/{id}?no_code=true")).json


async def test_a_preview_of_a_flow_tells_its_own_definition(api: Api) -> None:
    asked = {"value": flow(*TWO), "args": {"n": 1}, "path": PATH}
    id = (await api.post(f"{J}/run/preview_flow", json=asked)).text
    await play(api)
    job = await job_of(api, id)
    assert (job["job_kind"], job["raw_flow"], job["result"]) == ("flowpreview", flow(*TWO), 20)
    assert (await api.post(f"{J}/run/preview_flow", "olga", json=asked)).status == 403


async def test_every_version_runs_by_its_number(api: Api) -> None:
    old = await deployed(api, PATH, raw("a", "'old'"))
    await api.post(f"{F}/update/{PATH}", json=body(PATH, raw("a", "'new'")))
    id = (await api.post(f"{J}/run/fv/{old}", json={})).text
    await play(api)
    assert (await job_of(api, id))["result"] == "old"
    assert (await api.post(f"{J}/run/fv/99", json={})).status == 404
    assert (await api.post(f"{J}/run/fv/x", json={})).status == 400
    newest = await started(api)
    await play(api)
    assert (await job_of(api, newest))["result"] == "new"


async def test_a_version_that_runs_goes_on_as_it_began(api: Api) -> None:
    await deployed(api, PATH, raw("a"), raw("b", "'first'"))
    id = await started(api)
    step = await turn(api)
    assert step is not None
    await api.post(f"{F}/update/{PATH}", json=body(PATH, raw("a"), raw("b", "'second'")))
    refused = await api.ask("ada", "DELETE", f"{F}/delete/{PATH}")
    assert (refused.status, "queued or running" in refused.text) == (409, True)
    await end(api, step, None)
    await play(api)
    assert (await job_of(api, id))["result"] == "first"
    assert (await api.ask("ada", "DELETE", f"{F}/delete/{PATH}")).status == 200


async def test_arguments_must_fit_the_schema_of_the_flow(api: Api) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    await deployed(api, PATH, *TWO, schema=schema)
    answer = await api.post(f"{J}/run/f/{PATH}", json={"n": "many"})
    assert (answer.status, f"arguments of {PATH}: n" in answer.text) == (400, True)
    assert (await api.post(f"{J}/run/f/f/ops/none", json={})).status == 404
    for option in ("timeout=5", "suspended_mode=true"):
        refused = await api.post(f"{J}/run/f/{PATH}?{option}", json={"n": 1})
        assert (refused.status, option.split("=")[0] in refused.text) == (400, True)


async def test_an_archived_flow_still_runs_by_its_path(api: Api) -> None:
    await deployed(api)
    await api.post(f"{F}/archive/{PATH}", json={"archived": True})
    await started(api)


async def test_who_may_not_see_a_flow_cannot_run_it(api: Api) -> None:
    version = await deployed(api, "u/ada/own")
    assert (await api.post(f"{J}/run/f/u/ada/own", "bob", json={})).status == 404
    assert (await api.post(f"{J}/run/fv/{version}", "bob", json={})).status == 404
    await deployed(api)
    assert (await api.post(f"{J}/run/f/{PATH}", "olga", json={})).status == 201
    await api.token("one", scopes=(f"jobs:run:flows:{PATH}",))
    assert (await api.post(f"{J}/run/f/{PATH}", "one", json={})).status == 201
    assert (await api.post(f"{J}/run/f/u/ada/own", "one", json={})).status == 403
    assert (await api.post(f"{J}/run/p/{PATH}", "one", json={})).status == 403


async def answered(api: Api, method: str, path: str, **more: Any) -> Answer:
    """A request that waits, while somebody works."""
    asking = asyncio.create_task(api.ask("ada", method, path, **more))

    async def work() -> bool:
        await play(api)
        return False

    await while_asking(api, asking, work)
    return await asking


async def test_who_waits_gets_the_result_of_the_flow(api: Api) -> None:
    version = await deployed(api, PATH, *TWO)
    payload = base64.urlsafe_b64encode(json.dumps({"n": 2}).encode()).decode()
    for way in (f"f/{PATH}", f"fv/{version}"):
        posted = await answered(api, "POST", f"{J}/run_wait_result/{way}", json={"n": 1})
        assert (posted.status, posted.json) == (200, 20)
        url = f"{J}/run_wait_result/{way}?payload={payload}"
        assert (await answered(api, "GET", url)).json == 30
    asked = {"value": flow(*TWO), "args": {"n": 0}}
    preview = await answered(api, "POST", f"{J}/run_wait_result/preview_flow", json=asked)
    assert preview.json == 10


async def test_a_flow_that_fails_answers_422_with_its_error(api: Api) -> None:
    await deployed(api)

    def bad() -> None:
        raise Failing("no")

    asking = asyncio.create_task(api.post(f"{J}/run_wait_result/f/{PATH}", json={}))

    async def work() -> bool:
        return bool(await play(api, {"a": bad}))

    await while_asking(api, asking, work)
    answer = await asking
    assert (answer.status, answer.json["error"]["message"]) == (422, "no")


async def test_the_last_step_chooses_status_and_type_of_the_answer(api: Api) -> None:
    chosen = "({windmill_status_code: 201, windmill_content_type: 'text/x', result: 'made'})"
    await deployed(api, PATH, raw("a", chosen))
    answer = await answered(api, "POST", f"{J}/run_wait_result/f/{PATH}", json={})
    assert (answer.status, answer.text) == (201, "made")
    assert answer.headers["Content-Type"] == "text/x; charset=utf-8"


async def test_an_early_return_answers_while_the_flow_goes_on(api: Api) -> None:
    early = flow(raw("a", "'early'"), raw("b", "'late'"), early_return="a")
    await api.post(f"{F}/create", json={"path": PATH, "summary": "", "value": early})
    asking = asyncio.create_task(api.post(f"{J}/run_wait_result/f/{PATH}", json={}))
    steps: list[Claim] = []

    async def begin() -> bool:
        step = await turn(api)
        steps.extend([step] if step is not None else [])
        return bool(steps)

    await while_asking(api, asking, begin)
    await end(api, steps[0], "early")
    assert (await asking).json == "early"
    [job] = (await api.get(f"{J}/list?job_kinds=flow&has_null_parent=true")).json
    assert job["running"] is True
    assert await play(api) == ["b"]
    assert (await job_of(api, job["id"]))["result"] == "late"


async def test_the_children_of_a_loop_are_told_one_by_one(api: Api) -> None:
    await deployed(api, PATH, loop("l", raw("a", "flow_input.iter.value"), over="['x', 'y']"))
    id = await started(api, n=3)
    await play(api)
    job = await job_of(api, id)
    assert job["result"] == ["x", "y"]
    module = job["flow_status"]["modules"][0]
    assert (module["type"], module["flow_jobs_success"]) == ("Success", [True, True])
    body_ = await job_of(api, module["flow_jobs"][1])
    assert (body_["parent_job"], body_["job_kind"], body_["result"]) == (id, "flow", "y")
    assert [each["id"] for each in body_["raw_flow"]["modules"]] == ["a"]
    assert states(body_) == ["Success"]
    assert body_["args"] == {"n": 3, "iter": {"index": 1, "value": "y"}}
    assert (await api.get(f"{U}/get_args/{body_['id']}")).json == body_["args"]
    below = (await api.get(f"{J}/list?parent_job={id}")).json
    assert {each["id"] for each in below} == set(module["flow_jobs"])
    assert (
        await api.get(f"{U}/get_root_job_id/{body_['flow_status']['modules'][0]['job']}")
    ).json == id


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_status_of_many_iterations_is_told_in_part(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("windmill_lite.model.limits.STEP_BODIES_SHOWN", 3)
    await deployed(api, PATH, loop("l", raw("a"), over="[1, 2, 3, 4, 5]"))
    id = await started(api)
    await play(api)
    module = (await job_of(api, id))["flow_status"]["modules"][0]
    assert (len(module["flow_jobs"]), module["iterator"]["itered_len"]) == (3, 5)


async def test_a_preprocessor_makes_the_arguments_of_an_event(api: Api) -> None:
    value = flow(raw("a", "flow_input.name"), preprocessor_module=raw("preprocessor"))
    value["preprocessor_module"]["value"]["input_transforms"] = {
        "event": {"type": "javascript", "expr": "flow_input.event"}
    }
    await api.post(f"{F}/create", json={"path": PATH, "summary": "", "value": value})
    url = f"{J}/run/f/{PATH}?q=1&token={api.tokens['ada']}"
    id = (await api.post(url, None, json={"name": "n"}, headers={"X-Sign": "s"})).text
    seen: list[Any] = []

    def preprocessor(event: Any) -> Any:
        seen.append(event)
        return {"name": event["body"]["name"] + event["query"]["q"]}

    assert await play(api, {"preprocessor": preprocessor}) == ["preprocessor", "a"]
    job = await job_of(api, id)
    assert (job["result"], job["args"], job["preprocessed"]) == ("n1", {"name": "n1"}, True)
    [event] = seen
    assert (event["kind"], event["headers"]["x-sign"]) == ("webhook", "s")
    assert json.loads(event["raw_string"]) == {"name": "n"}
    assert "authorization" not in event["headers"]
    assert "token" not in event["query"]
    plain = (await api.post(f"{J}/run/f/{PATH}?skip_preprocessor=true", json={"name": "p"})).text
    assert await play(api) == ["a"]
    job = await job_of(api, plain)
    assert (job["result"], job["args"], "preprocessed" in job) == ("p", {"name": "p"}, False)


async def test_a_canceled_flow_says_so_with_its_steps(api: Api) -> None:
    await deployed(api, PATH, *TWO)
    id = await started(api, n=1)
    step = await turn(api)
    assert step is not None
    await api.post(f"{U}/queue/force_cancel/{id}", json={"reason": "enough"})
    job = await job_of(api, id)
    assert (job["canceled"], job["success"]) == (True, False)
    assert len(job["flow_status"]["modules"]) == 2
    assert (await job_of(api, str(step.job.id)))["canceled"] is True


async def test_a_key_starts_a_flow_once(api: Api) -> None:
    await deployed(api)
    key = {"Idempotency-Key": "k"}
    ids = {(await api.post(f"{J}/run/f/{PATH}", json={}, headers=key)).text for _ in range(2)}
    assert len(ids) == 1


async def test_a_flow_is_started_with_its_stream(api: Api) -> None:
    version = await deployed(api, PATH, *TWO)
    for way in (f"f/{PATH}", f"fv/{version}"):
        answer = await answered(api, "POST", f"{J}/run_and_stream/{way}", json={"n": 1})
        last = json.loads(answer.text.strip().rsplit("data: ", 1)[1])
        assert (last["completed"], last["only_result"]) == (True, 20)

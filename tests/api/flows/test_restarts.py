"""A flow that has ended starts again in the middle."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.flows._work import Failing, deployed, play
from tests.api.flows._write import F, body, flow, loop, raw
from windmill_lite.engine.keeping import prune
from windmill_lite.store.machine.prune import Stretch

J, U = "/api/w/main/jobs", "/api/w/main/jobs_u"
PATH = "f/ops/flow"
STEPS = (
    raw("a", "flow_input.n"),
    loop("l", raw("b", "flow_input.iter.value + results.a"), over="[1, 2, 3]"),
    raw("c", "[results.a, results.l, flow_input.n]"),
)


async def ended(api: Api, **code: Any) -> str:
    await deployed(api, PATH, *STEPS)
    id = (await api.post(f"{J}/run/f/{PATH}", json={"n": 10})).text
    await play(api, code)
    return id


async def restarted(api: Api, id: str, who: str = "ada", **place: Any) -> str:
    answer = await api.post(f"{J}/restart/f/{id}", who, json=place)
    assert answer.status == 201, answer
    return answer.text


async def result(api: Api, id: str) -> Any:
    return (await api.get(f"{U}/get/{id}")).json["result"]


async def test_what_came_before_is_not_run_again(api: Api) -> None:
    old = await ended(api)
    new = await restarted(api, old, step_id="c")
    assert await play(api) == ["c"]
    assert await result(api, new) == await result(api, old) == [10, [11, 12, 13], 10]
    job = (await api.get(f"{U}/get/{new}")).json
    assert job["flow_status"]["restarted_from"]["flow_job_id"] == old
    assert (job["job_kind"], job["script_path"]) == ("flow", PATH)
    assert (await api.get(f"{J}/result_by_id/{new}/b")).json == 13
    assert (await api.get(f"{J}/result_by_id/{new}/a")).json == 10


async def test_a_restart_that_is_asked_for_again_with_its_key_is_the_same_run(api: Api) -> None:
    old = await ended(api)
    key, place = {"Idempotency-Key": "again"}, {"step_id": "c"}
    first, again = [
        await api.post(f"{J}/restart/f/{old}", json=place, headers=key) for _ in range(2)
    ]
    assert (first.status, again.status, again.text) == (201, 201, first.text)
    assert await play(api) == ["c"]
    other = await api.post(f"{J}/restart/f/{old}", json={"step_id": "l"}, headers=key)
    assert (other.status, first.text in other.text) == (409, True)


async def test_a_flow_that_failed_goes_on_from_the_iteration_that_failed(api: Api) -> None:
    def broken(x: int) -> int:
        if x == 12:
            raise Failing("no")
        return x

    old = await ended(api, b=broken)
    assert (await api.get(f"{U}/get/{old}")).json["success"] is False
    new = await restarted(api, old, step_id="l", branch_or_iteration_n=1)
    assert await play(api) == ["b", "b", "c"]
    assert await result(api, new) == [10, [11, 12, 13], 10]
    again = await api.post(f"{J}/restart/f/{new}/from/l/2", json=None)
    assert again.status == 201
    assert await play(api) == ["b", "c"]
    assert await result(api, again.text) == [10, [11, 12, 13], 10]


async def test_the_inputs_may_be_others(api: Api) -> None:
    old = await ended(api)
    new = await restarted(api, old, step_id="c", args={"n": 5})
    await play(api)
    assert await result(api, new) == [10, [11, 12, 13], 5]
    older = await api.post(f"{J}/restart/f/{old}/from/c", json={"n": 6})
    await play(api)
    assert await result(api, older.text) == [10, [11, 12, 13], 6]


async def test_a_step_inside_of_an_iteration_is_a_place_too(api: Api) -> None:
    inner = loop("l", raw("x", "1"), raw("y", "results.x + flow_input.iter.value"), over="[1, 2]")
    await deployed(api, PATH, inner)
    old = (await api.post(f"{J}/run/f/{PATH}", json={})).text
    await play(api)
    way: dict[str, Any] = {
        "step_id": "l",
        "branch_or_iteration_n": 1,
        "nested_path": [{"step_id": "y"}],
    }
    new = await restarted(api, old, **way)
    assert await play(api) == ["y"]
    assert await result(api, new) == [2, 3]


async def test_what_people_said_holds_in_the_run_that_goes_on(api: Api) -> None:
    asks = raw("a") | {"suspend": {"required_events": 1}}
    await deployed(api, PATH, asks, raw("b", "[resume, approvers]"))
    old = (await api.post(f"{J}/run/f/{PATH}", json={})).text
    await play(api)
    assert (await api.post(f"{J}/flow/resume/{old}", json="yes")).status == 201
    await play(api)
    new = await restarted(api, old, step_id="b")
    assert await play(api) == ["b"]
    assert await result(api, new) == ["yes", ["ada"]]


async def test_what_cannot_go_on_is_refused_by_name(api: Api) -> None:
    await deployed(api, PATH, *STEPS)
    id = (await api.post(f"{J}/run/f/{PATH}", json={"n": 1})).text
    running = await api.post(f"{J}/restart/f/{id}", json={"step_id": "a"})
    assert (running.status, "has not ended" in running.text) == (409, True)
    await play(api)
    for place, words in (
        ({"step_id": "none"}, "no step 'none'"),
        ({"step_id": "a", "branch_or_iteration_n": 1}, "no iterations"),
        ({"step_id": "l", "branch_or_iteration_n": 9}, "number 9"),
        ({"step_id": "c", "flow_version": 7}, "flow_version"),
        ({"step_id": "l", "nested_path": [{"step_id": "none"}]}, "no step 'none'"),
        (
            {"step_id": "l", "branch_or_iteration_n": 3, "nested_path": [{"step_id": "b"}]},
            "'b' was not reached",
        ),
    ):
        answer = await api.post(f"{J}/restart/f/{id}", json=place)
        assert (answer.status, words in answer.text) == (400, True), answer.text
    script = await api.preview(name="x")
    assert (await api.post(f"{J}/restart/f/{script}", json={"step_id": "a"})).status == 404
    below = (await api.get(f"{U}/get/{id}")).json["flow_status"]["modules"][1]["flow_jobs"][0]
    part = await api.post(f"{J}/restart/f/{below}", json={"step_id": "b"})
    assert (part.status, "nested_path" in part.text) == (400, True)


async def test_a_restart_hears_what_it_is_told_or_refuses_it(api: Api) -> None:
    old = await ended(api)
    at, place = f"{J}/restart/f/{old}", {"step_id": "c"}
    for option in ("timeout=5", "cache_ttl=5", "queue_limit=5", "on_worker_loss=fail"):
        answer = await api.post(f"{at}?{option}", json=place)
        assert (answer.status, answer.text.split(":")[1].strip()) == (400, option.split("=")[0])
    options = f"parent_job={old}&root_job={old}&tag=other&priority=3&invisible_to_owner=true"
    new = (await api.post(f"{at}?{options}", json=place)).text
    job = (await api.get(f"{U}/get/{new}")).json
    told = ("parent_job", "root_job", "tag", "priority", "visible_to_owner")
    assert [job[name] for name in told] == [old, old, "other", 3, False]


async def test_a_flow_that_was_canceled_goes_on_behind_what_it_had_done(api: Api) -> None:
    asks = raw("a", "7") | {"suspend": {"required_events": 1}}
    await deployed(api, PATH, asks, raw("b", "results.a + 1"))
    old = (await api.post(f"{J}/run/f/{PATH}", json={})).text
    await play(api)
    await api.post(f"{U}/queue/cancel/{old}", json={})
    too_far = await api.post(f"{J}/restart/f/{old}", json={"step_id": "none"})
    assert too_far.status == 400
    new = await restarted(api, old, step_id="b")
    assert await play(api) == ["b"]
    assert await result(api, new) == 8


async def test_an_edited_definition_goes_on_behind_what_has_run(api: Api) -> None:
    old = await ended(api)
    value = flow(*STEPS[:2], raw("c", "[results.l, flow_input.n]"), raw("d", "results.c"))
    origin: dict[str, Any] = {"flow_job_id": old, "step_id": "c"}
    asked = {"value": value, "path": PATH, "restarted_from": origin}
    new = (await api.post(f"{J}/run/preview_flow", json=asked)).text
    assert await play(api) == ["c", "d"]
    assert await result(api, new) == [[11, 12, 13], 10]
    job = (await api.get(f"{U}/get/{new}")).json
    assert (job["job_kind"], job["flow_status"]["restarted_from"]["step_id"]) == (
        "flowpreview",
        "c",
    )
    value = flow(STEPS[0], loop("l", raw("b", "flow_input.iter.value * 100"), over="[1, 2, 3]"))
    origin |= {"step_id": "l", "branch_or_iteration_n": 2}
    asked |= {"value": value, "args": {"n": 5}}
    new = (await api.post(f"{J}/run/preview_flow", json=asked)).text
    assert await play(api) == ["b"]
    assert await result(api, new) == [11, 12, 300]


async def test_an_edited_definition_cannot_go_on_behind_other_steps(api: Api) -> None:
    old = await ended(api)
    ask = f"{J}/run/preview_flow"
    more, at_once = raw("b2", "1"), loop("l", raw("b"), over="[1]")
    at_once["value"]["parallel"] = True
    for steps, step, n in (
        ([raw("x"), *STEPS[1:]], "c", None),
        ([STEPS[0], loop("l", raw("b"), more, over="[1]"), STEPS[2]], "c", None),
        ([STEPS[0], at_once], "l", 1),
        ([STEPS[0], more, *STEPS[1:]], "l", None),
        ([*STEPS, more, raw("d")], "d", None),
        ([*STEPS], "none", None),
    ):
        origin = {"flow_job_id": old, "step_id": step, "branch_or_iteration_n": n}
        body = {"value": flow(*steps), "restarted_from": origin}
        answer = await api.post(ask, json=body)
        assert answer.status == 400, (steps, answer.text)
    origin = {"flow_job_id": old, "step_id": "c"}
    body = {"value": flow(*STEPS), "restarted_from": origin}
    assert (await api.post(ask, "olga", json=body)).status == 403
    assert (await api.post(ask, json={**body, "restarted_from": {"step_id": "c"}})).status == 400


async def test_who_may_not_run_the_flow_cannot_restart_it(api: Api) -> None:
    await deployed(api, "u/ada/own")
    id = (await api.post(f"{J}/run/f/u/ada/own", json={})).text
    await play(api)
    assert (await api.post(f"{J}/restart/f/{id}", "bob", json={"step_id": "a"})).status == 404
    asked = {"value": flow(raw("a")), "path": PATH}
    preview = (await api.post(f"{J}/run/preview_flow", json=asked)).text
    await play(api)
    refused = await api.post(f"{J}/restart/f/{preview}", "olga", json={"step_id": "a"})
    assert refused.status == 403


async def test_a_version_goes_on_as_it_was_deployed(api: Api) -> None:
    old = await ended(api)
    await api.post(f"{F}/update/{PATH}", json=body(PATH, raw("c", "'other'")))
    new = await restarted(api, old, step_id="c")
    await play(api)
    assert await result(api, new) == [10, [11, 12, 13], 10]


@pytest.mark.parametrize("order", ["the earlier one stays", "both go together at last"])
async def test_a_run_stays_as_long_as_others_go_on_from_it(api: Api, order: str) -> None:
    old = await ended(api)
    new = await restarted(api, old, step_id="c")
    await play(api)
    where = Stretch("main", roots=True, before=api.world.now() + 10**9)

    async def pruned(*ids: str) -> None:
        async for _ in prune.along(api.world, where, lambda tree: str(tree.id) in ids):
            pass

    await pruned(old)
    assert (await api.get(f"{U}/get/{old}")).status == 200
    assert await result(api, new) == [10, [11, 12, 13], 10]
    if order == "both go together at last":
        await pruned(new)
        await pruned(old)
        assert (await api.get(f"{U}/get/{old}")).status == 404

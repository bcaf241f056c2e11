"""A whole run of a flow at once: every job of it, where it is, what it logged and gave."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.flows._work import deployed, end, turn
from tests.api.flows._write import loop, of_path, raw
from windmill_lite.engine import logbook
from windmill_lite.model import limits

J, U = "/api/w/main/jobs", "/api/w/main/jobs_u"


async def ran(api: Api, *modules: dict[str, Any], fails: str = "") -> str:
    """A run whose steps log their names and give what they were given."""
    await deployed(api, "f/ops/flow", *modules)
    id = (await api.post(f"{J}/run/f/f/ops/flow", "bob", json={})).text
    while (step := await turn(api)) is not None:
        chunk = f"log of {step.job.step_id}\n"
        await logbook.append(api.world, step.job.id, step.attempt, start=0, chunk=chunk)
        await end(api, step, "x" * 40, failed=step.job.step_id == fails)
    return id


async def results(api: Api, id: str, query: str = "") -> dict[str, Any]:
    answer = await api.get(f"{U}/get_flow_all_results/{id}{query}", "bob")
    found: dict[str, Any] = answer.json
    return found


async def test_every_job_of_a_run_is_told_in_the_order_of_the_flow(api: Api) -> None:
    await deployed(api, "f/ops/inner", raw("i"))
    id = await ran(api, raw("a"), loop("l", raw("b")), of_path("s", "flow", "f/ops/inner"))
    told = await results(api, id, "?max_result_len=3")
    entries = told["entries"]
    assert [(entry["depth"], entry["label"]) for entry in entries] == [
        (0, "f/ops/flow"),
        (1, "a"),
        (1, "l, iteration 1"),
        (2, "b"),
        (1, "l, iteration 2"),
        (2, "b"),
        (1, "s"),
        (2, "i"),
    ]
    paths = [entry.get("step_path") for entry in entries]
    assert paths == [None, "a", "l", "l/b", "l", "l/b", "s", "s/i"]
    second = entries[4]
    assert (second["sibling_index"], second["sibling_count"]) == (2, 2)
    assert second["parent_module_type"] == "forloopflow"
    assert (entries[1]["result_prefix"], entries[1]["result_length"]) == ('"xx', 42)
    assert {entry["status"] for entry in entries} == {"success"}
    inside = await results(api, entries[2]["job_id"])
    assert (len(inside["entries"]), inside["enclosing_job"]) == (2, id)


async def test_logs_of_a_run_come_one_after_the_other(api: Api) -> None:
    id = await ran(api, raw("a"), raw("b") | {"retry": {"constant": {"attempts": 1}}}, fails="b")
    text = (await api.get(f"{U}/get_flow_all_logs/{id}", "bob")).text
    assert text.index("log of a") < text.index("== b (") < text.index("== b, try 2 (")
    lines = (await api.get(f"{U}/get_flow_all_logs_structured/{id}", "bob")).json
    assert [entry["logs"] for entry in lines[1:]] == ["log of a\n", "log of b\n", "log of b\n"]
    statuses = [entry["status"] for entry in (await results(api, id))["entries"]]
    assert statuses == ["failure", "success", "failure", "failure"]


async def test_one_step_is_asked_for_by_its_id_or_its_way(api: Api) -> None:
    id = await ran(api, raw("a"), loop("l", raw("b")))
    for step, count in (("a", 1), ("b", 2), ("l/b", 2), ("l", 4)):
        assert len((await results(api, id, f"?step={step}"))["entries"]) == count, step
    nothing = await results(api, id, "?step=x")
    assert nothing["entries"] == []
    assert nothing["step_error"] == "no step x has run; there are: a, l, l/b"


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_large_run_is_cut_and_says_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    id = await ran(api, loop("l", raw("b"), over="[1, 2, 3]"), raw("z"))
    monkeypatch.setattr(limits, "FLOW_TREE_MAX", 3)
    told = await results(api, id)
    assert ([entry["label"] for entry in told["entries"]], told["truncated"]) == (
        ["f/ops/flow", "l, iteration 1", "b"],
        True,
    )


async def test_steps_of_flows_are_listed_alone_or_left_out(api: Api) -> None:
    await ran(api, raw("a"), loop("l", raw("b"), over="[1]"))
    waits = (await api.post(f"{J}/run/f/f/ops/flow", json={})).text
    assert await turn(api) is not None
    for of in ("list", "completed/list", "queue/list"):
        steps = (await api.get(f"{J}/{of}?is_flow_step=true")).json
        rest = (await api.get(f"{J}/{of}?is_flow_step=false")).json
        assert steps, of
        assert all(job["is_flow_step"] for job in steps), of
        assert not any(job["is_flow_step"] for job in rest), of
        assert len(rest) == {"list": 2, "completed/list": 1, "queue/list": 1}[of]
    assert (await api.get(f"{J}/queue/list?is_flow_step=false")).json[0]["id"] == waits


async def test_only_who_sees_a_flow_is_told_of_it(api: Api) -> None:
    script = await api.preview(name="x")
    assert (await api.get(f"{U}/get_flow_all_results/{script}")).status == 404
    id = await ran(api, raw("a"))
    for what in ("get_flow_all_logs", "get_flow_all_logs_structured", "get_flow_all_results"):
        assert (await api.get(f"{U}/{what}/{id}", "eve")).status == 401
        assert (await api.get(f"{U}/{what}/{script}", "bob")).status == 404


async def test_ids_are_listed_as_jobs_are_and_tell_when_they_are_due(api: Api) -> None:
    first, second = await api.preview(name="x"), await api.preview(name="y")
    assert (await api.get(f"{J}/queue/list_filtered_uuids")).json == [second, first]
    await api.work("done")
    assert (await api.get(f"{J}/list_filtered_uuids?success=true")).json == [first]
    due = (await api.get(f"{J}/queue/scheduled_for/{second}")).json
    assert (await api.get(f"{J}/queue/position/{due + 1}")).json == {"position": 2}

"""`flow_status` as Windmill's clients read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.core.flow._build import (
    Doc,
    branchall,
    branchone,
    flow,
    handler,
    identity,
    leaf,
    loop,
    whil,
)
from tests.core.flow._records import ROOT, Fails
from tests.core.flow._world import World
from windmill_lite.core.flow.compose import NOBODY, ChildRow, Facts, compose
from windmill_lite.core.flow.plan import plan_of
from windmill_lite.core.flow.refs import child_id
from windmill_lite.core.flow.restart import restarted
from windmill_lite.core.flow.status import From, Status
from windmill_lite.model.openflow import read


def _fail(**args: Any) -> Any:
    raise Fails


def _id(name: str, run: UUID = ROOT) -> str:
    return str(child_id(run, name))


def _rows(world: World) -> dict[UUID, ChildRow]:
    found: dict[UUID, ChildRow] = {}
    for id, job in world.jobs.items():
        success = None if job.outcome is None else job.outcome == "success"
        found[id] = ChildRow(None if success is None else 1_000, 5, success)
    for id, run in world.runs.items():
        ending = run.status.ending
        found[id] = ChildRow(1_000, 7, None if ending is None else ending.success)
    return found


def _told(world: World, **facts: Any) -> Any:
    told = Facts(_rows(world), facts.pop("approvers", {}), **facts)
    return compose(world.root.plan, world.root.status, told)


def test_a_flow_that_has_not_begun_has_a_status() -> None:
    plan = plan_of(read(flow(leaf("a"), leaf("b"))))
    assert compose(plan, Status(ROOT), Facts({}, {})) == {
        "step": 0,
        "modules": [
            {"type": "WaitingForPriorSteps", "id": "a"},
            {"type": "WaitingForPriorSteps", "id": "b"},
        ],
        "failure_module": {
            "type": "WaitingForPriorSteps",
            "id": "failure",
            "parent_module": None,
        },
    }


def test_a_job_waits_runs_and_ends() -> None:
    world = World(flow(leaf("a"), leaf("b"))).start()
    job = child_id(ROOT, "a/0")
    waiting = compose(world.root.plan, world.root.status, Facts({}, {}))
    assert waiting["modules"][0] == {"type": "WaitingForExecutor", "id": "a", "job": str(job)}
    running = compose(world.root.plan, world.root.status, Facts({job: ChildRow(1)}, {}))
    assert running["modules"][0] == {"type": "InProgress", "id": "a", "job": str(job)}
    world.play()
    done = _told(world, approvers={"a": [{"resume_id": 1, "approver": "ann"}]})
    assert done["step"] == 2
    assert done["modules"][0] == {
        "type": "Success",
        "id": "a",
        "job": str(job),
        "skipped": False,
        "approvers": [{"resume_id": 1, "approver": "ann"}],
    }


def test_what_took_no_job_names_nobody() -> None:
    skipped = leaf("b") | {"skip_if": {"expr": "True"}}
    empty = loop("l", leaf("x"), over="[]")
    chosen = branchone("o", ("True", []))
    modules = _told(World(flow(identity("i"), skipped, empty, chosen)).go())["modules"]
    assert [m["job"] for m in modules] == [NOBODY] * 4
    assert [m["skipped"] for m in modules] == [False, True, False, False]
    assert modules[2]["flow_jobs"] == []
    assert modules[3]["branch_chosen"] == {"type": "branch", "branch": 0}
    assert "flow_jobs" not in modules[3]


@pytest.mark.parametrize("parallel", [False, True])
def test_a_loop_tells_how_far_it_is(*, parallel: bool) -> None:
    world = World(flow(loop("l", leaf("x"), over="[0, 1, 0]", parallel=parallel))).start()
    world.one()
    (running,) = _told(world)["modules"]
    assert running["type"] == "InProgress"
    assert running["iterator"] == {"index": 2 if parallel else 1, "itered_len": 3}
    assert running["flow_jobs_success"] == [True, None, None][: 3 if parallel else 2]


def test_a_loop_that_ended_tells_which_iterations_succeeded() -> None:
    def code(v: int) -> int:
        if v == 1:
            raise Fails
        return v

    body = leaf("x", v="flow_input['iter']['value']")
    step = loop("l", body, over="[0, 1, 2]", parallel=True, skip_failures=True)
    (told,) = _told(World(flow(step), code={"x": code}).go())["modules"]
    jobs = [_id(f"l/0/{n}") for n in range(3)]
    assert told == {
        "type": "Success",
        "id": "l",
        "job": jobs[-1],
        "flow_jobs": jobs,
        "flow_jobs_success": [True, False, True],
        "flow_jobs_duration": {"started_at": [1_000] * 3, "duration_ms": [7] * 3},
        "parallel": True,
        "iterator": {"index": 2, "itered_len": 3},
        "while_loop": False,
        "skipped": False,
        "approvers": [],
    }


def test_long_lists_are_cut() -> None:
    world = World(flow(loop("l", leaf("x"), over=str([0] * 50), parallel=True))).go()
    (told,) = _told(world, most=10)["modules"]
    assert len(told["flow_jobs"]) == len(told["flow_jobs_success"]) == 10


def test_branches_tell_which_they_are() -> None:
    one = branchone("o", ("False", []), default=[leaf("d")])
    every = branchall("e", [leaf("x")], [leaf("y")])
    turns = whil("w", leaf("t")) | {"stop_after_if": {"expr": "True"}}
    modules = _told(World(flow(one, every, turns)).go())["modules"]
    assert modules[0]["branch_chosen"] == {"type": "default"}
    assert modules[0]["flow_jobs"] == [_id("o/0/1")]
    assert modules[1]["branchall"] == {"branch": 1, "len": 2}
    assert modules[1]["flow_jobs_success"] == [True, True]
    assert modules[2]["while_loop"]


def test_tries_are_told_while_they_go_on_and_afterwards() -> None:
    step = leaf("a") | {"retry": {"constant": {"attempts": 2, "seconds": 1}}}
    world = World(flow(step), code={"a": _fail}).start()
    world.one()
    told = _told(world)
    assert told["retry"] == {"fail_count": 1, "failed_jobs": [_id("a/0")]}
    world.play()
    told = _told(world)
    assert "retry" not in told
    assert told["modules"][0]["type"] == "Failure"
    assert told["modules"][0]["failed_retries"] == [_id("a/0"), _id("a/1")]
    assert told["modules"][0]["job"] == _id("a/2")


def test_a_gate_tells_whom_it_waits_for() -> None:
    ask = {"required_events": 2, "user_auth_required": True, "self_approval_disabled": True}
    told = _told(World(flow(leaf("a") | {"suspend": ask}, leaf("b"))).go(), groups=("ops",))
    assert told["modules"][1] == {
        "type": "WaitingForEvents",
        "id": "b",
        "count": 2,
        "job": _id("a/0"),
    }
    assert told["approval_conditions"] == {
        "user_auth_required": True,
        "user_groups_required": ["ops"],
        "self_approval_disabled": True,
    }


def test_a_failure_that_is_handled_names_its_step() -> None:
    world = World(flow(leaf("a"), leaf("b"), failure_module=handler()), code={"b": _fail}).go()
    told = _told(world)
    assert told["step"] == 2
    assert told["failure_module"]["parent_module"] == "b"
    assert told["failure_module"]["type"] == "Success"
    assert told["failure_module"]["job"] == _id("failure/0")


def test_a_preprocessor_is_step_minus_one() -> None:
    document: Doc = flow(leaf("a"), preprocessor_module=leaf("preprocessor"))
    world = World(document, prepare=True).start()
    told = _told(world)
    assert told["step"] == -1
    assert told["preprocessor_module"]["job"] == _id("preprocessor/0")


def test_a_restart_names_where_it_came_from_and_whose_jobs_it_reads() -> None:
    document = flow(leaf("a"), loop("l", leaf("x"), over="[1, 2, 3]"))
    world = World(document).go()
    again = UUID(int=8)
    status = restarted(world.root.plan, world.root.status, From("l", 2), Status(again))
    told = compose(world.root.plan, status, Facts(_rows(world), {}))
    assert told["restarted_from"] == {
        "flow_job_id": str(ROOT),
        "step_id": "l",
        "branch_or_iteration_n": 2,
    }
    assert told["modules"][0]["job"] == _id("a/0")

"""Flows in the hands of real workers; their steps end as the test says."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest

from tests.core.flow._build import flow, leaf, loop
from tests.worker._stage import Act, Stage
from tests.worker.conftest import ADA, Hiring, Office
from windmill_lite.core.flow.refs import child_id
from windmill_lite.engine import cancel
from windmill_lite.engine.flows import drive, push
from windmill_lite.engine.world import World
from windmill_lite.model.job import Finished, FlowPreview, Outcome, RunOptions
from windmill_lite.worker.runner import Interrupted


async def push_flow(world: World, document: Any, **args: Any) -> UUID:
    preview = FlowPreview(document, "f/ops/flow")
    return await push.run_preview(world, ADA, preview, args=args, options=RunOptions())


def given(act: Act) -> Any:
    return json.loads(act.claim.job.args)


async def test_the_worker_that_ends_a_step_takes_the_next(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire(slots=1)
    document = flow(leaf("a", x="flow_input.n + 1"), leaf("b", y="results.a * 2"))
    id = await push_flow(office.world, document, n=4)
    first = await stage.next()
    assert given(first) == {"x": 5}
    first.succeed(7)
    second = await stage.next()
    assert given(second) == {"y": 14}
    second.succeed("end")
    record = await office.done(id)
    assert record.result == '"end"'
    assert record.outcome is Outcome.SUCCESS
    assert record.duration_ms is not None
    assert record.started_at is not None


async def test_a_step_whose_worker_breaks_once_too_often_fails_its_flow(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    id = await push_flow(office.world, flow(leaf("a"), leaf("b")))
    for _ in range(3):
        (await stage.next()).fail(Interrupted("the cell broke"))
    record = await office.done(id)
    assert json.loads(record.result or "")["error"]["name"] == "WorkerLost"
    assert record.outcome is Outcome.FAILURE


async def test_a_canceled_flow_ends_what_runs_below_it(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire(slots=4)
    body = loop("l", leaf("b"), over="[1, 2, 3]", parallel=True)
    id = await push_flow(office.world, flow(body, leaf("z")))
    acts = [await stage.next() for _ in range(3)]
    await cancel.cancel(office.world, ADA, id, reason="enough", force=False)
    await asyncio.gather(*(act.canceled.wait() for act in acts))
    for act in acts:
        assert (await office.done(act.id)).outcome is Outcome.CANCELED
    record = await office.done(id)
    assert (record.outcome, record.canceled_by) == (Outcome.CANCELED, "ada")


async def test_a_step_that_is_canceled_while_it_succeeds_is_a_failure_of_its_flow(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    stage.obedient = False
    await hire(slots=1)
    id = await push_flow(office.world, flow(leaf("a"), leaf("b")))
    act = await stage.next()
    await cancel.cancel(office.world, ADA, child_id(id, "a/0"), reason="enough", force=False)
    await act.canceled.wait()
    act.succeed(1)
    record = await office.done(id)
    assert record.outcome is Outcome.FAILURE
    assert json.loads(record.result or "")["error"]["name"] == "Canceled"


async def test_a_flow_that_cannot_be_decided_on_fails_with_all_that_is_below_it(
    hire: Hiring, office: Office, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hire(slots=4)
    body = loop("l", leaf("b"), over="[1, 2]", parallel=True)
    id = await push_flow(office.world, flow(body, leaf("z")))
    acts = [await stage.next() for _ in range(2)]
    monkeypatch.setattr(drive.Drive, "go", broken)
    acts[0].succeed(1)
    body_id = acts[0].claim.job.parent_id
    assert body_id is not None
    inner = await office.done(body_id)
    assert json.loads(inner.result or "")["error"]["name"] == "InternalError"
    record = await office.done(id)
    assert json.loads(record.result or "")["error"]["name"] == "InternalError"
    assert (await office.done(acts[0].id)).completed
    acts[1].finish(Finished(Outcome.CANCELED, '{"error": {"name": "Canceled"}}'))
    assert (await office.done(acts[1].id)).completed


async def broken(*_: Any) -> None:
    raise AssertionError("a rule does not hold")


async def test_a_step_finds_in_its_environment_where_it_is(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    id = await push_flow(office.world, flow(loop("l", leaf("b"), over="[1]")))
    act = await stage.next()
    body = child_id(id, "l/0/0")
    assert {name: act.env[name] for name in act.env if "FLOW" in name} == {
        "WM_FLOW_JOB_ID": str(body),
        "WM_FLOW_PATH": "f/ops/flow",
        "WM_FLOW_STEP_ID": "b",
        "WM_ROOT_FLOW_JOB_ID": str(id),
    }
    assert act.env["WM_JOB_PATH"] == "f/ops/flow/b"
    act.succeed()
    await office.done(id)


@pytest.mark.parametrize(
    ("schedule", "state", "objects"),
    [
        (None, "f/ops/flow/b_user", "f_ops_flow/manual/b/"),
        ("f/ops/night", "f/ops/flow/b_ada", "f_ops_flow/f_ops_night/b/"),
    ],
)
async def test_a_step_has_places_of_its_own_for_each_schedule_of_its_flow(
    hire: Hiring, office: Office, stage: Stage, schedule: str | None, state: str, objects: str
) -> None:
    await hire()
    preview = FlowPreview(flow(loop("l", leaf("b"), over="[1]")), "f/ops/flow")
    options = RunOptions(schedule_path=schedule)
    id = await push.run_preview(office.world, ADA, preview, args={}, options=options)
    act = await stage.next()
    assert act.env["WM_SCHEDULE_PATH"] == (schedule or "")
    assert act.env["WM_STATE_PATH"] == state
    assert act.env["WM_OBJECT_PATH"].startswith(objects)
    act.succeed()
    await office.done(id)

"""What a flow or a step may ask for besides what runs."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from tests.core.flow._build import branchall, flow, identity, leaf, loop, sub
from tests.engine.conftest import JumpingClock, deploy_script
from tests.engine.flows._mill import TAGS, Mill
from tests.engine.flows.test_callees import deployed, played, value_of
from windmill_lite.core.flow.refs import child_id
from windmill_lite.engine import deploy
from windmill_lite.engine.cancel import cancel
from windmill_lite.engine.claim import Ask, claim, next_due_s
from windmill_lite.engine.flows import push
from windmill_lite.engine.flows.deployed import run_path
from windmill_lite.engine.rules.sweep import sweep
from windmill_lite.model.job import FlowPreview, JobState, RunOptions
from windmill_lite.model.script import NewScript
from windmill_lite.store.machine import flows

ONE: dict[str, Any] = {"concurrent_limit": 1, "concurrency_key": "k"}


async def pushed(mill: Mill, *modules: Any, **more: Any) -> UUID:
    """Each a moment after the one before."""
    assert isinstance(mill.world.clock, JumpingClock)
    mill.world.clock.jump(0.001)
    preview = FlowPreview(flow(*modules, **more), "f/ops/flow")
    return await push.run_preview(mill.world, mill.scope, preview, args={}, options=RunOptions())


async def state(mill: Mill, id: UUID) -> JobState:
    return (await mill.record(id)).state


async def test_flows_of_a_key_wait_for_each_other_to_the_end(mill: Mill) -> None:
    first = await pushed(mill, leaf("a"), leaf("b"), **ONE)
    second = await pushed(mill, leaf("c"), **ONE)
    ask = Ask(mill.worker.id, TAGS, 1)
    (turn,) = await claim(mill.world, ask)
    assert turn.job.id == first
    (step,) = (await mill.work(turn, ask)).next
    assert step.job.parent_id == first
    assert await claim(mill.world, ask) == []
    assert await state(mill, second) is JobState.BLOCKED
    (last,) = (await mill.work(step, ask)).next
    assert last.job.step_id == "b"
    (turn,) = (await mill.work(last, ask)).next
    assert turn.job.id == second
    await mill.work(turn)
    await mill.play()
    assert [await state(mill, id) for id in (first, second)] == [JobState.COMPLETED] * 2


async def test_a_flow_that_wakes_is_not_held_up_by_its_own_key(
    mill: Mill, clock: JumpingClock
) -> None:
    first = await pushed(mill, leaf("a") | {"sleep": 5}, leaf("b"), **ONE)
    second = await pushed(mill, leaf("c"), **ONE)
    await mill.play()
    assert [await state(mill, id) for id in (first, second)] == [JobState.DELAYED, JobState.BLOCKED]
    clock.jump(6)
    await mill.play()
    assert mill.seen == ["a", "b", "c"]


@pytest.mark.parametrize(
    "first",
    [
        leaf("a") | {"sleep": 5},
        leaf("a") | {"suspend": {"required_events": 1, "timeout": 5}},
        branchall("e", [leaf("a")]) | {"sleep": 5},
        loop("l", leaf("a") | {"sleep": 5}),
    ],
    ids=["a sleep", "a wait for people", "a sleep of branches", "a sleep inside of a loop"],
)
async def test_a_flow_that_waits_for_a_time_wakes_who_would_look_too_late(
    mill: Mill, first: dict[str, Any]
) -> None:
    await pushed(mill, first, leaf("b"))
    ask = Ask(mill.worker.id, TAGS, 1)
    (turn,) = await claim(mill.world, ask)
    (step,) = (await mill.work(turn, ask)).next
    with mill.world.db.bell.listen("queue") as ear:
        await mill.work(step, ask)
        assert ear.rang
    assert 0 < await next_due_s(mill.world, at_most=60) <= 5


async def test_iterations_that_begin_with_a_wait_wake_who_would_look_too_late(mill: Mill) -> None:
    body = identity("i") | {"sleep": 5}
    await pushed(mill, loop("l", body, leaf("a")))
    (turn,) = await claim(mill.world, Ask(mill.worker.id, TAGS, 1))
    with mill.world.db.bell.listen("queue") as ear:
        await mill.work(turn)
        assert ear.rang


async def test_a_flow_has_the_labels_of_its_result(mill: Mill) -> None:
    mill.code["a"] = lambda: {"wm_labels": ["urgent", "paid"]}
    id = await mill.push(flow(leaf("a")), {})
    await mill.play()
    assert sorted((await mill.record(id)).labels) == ["paid", "urgent"]


async def test_a_canceled_flow_makes_room_for_the_next_of_its_key(mill: Mill) -> None:
    first = await pushed(mill, leaf("a") | {"suspend": {"required_events": 1}}, leaf("b"), **ONE)
    await pushed(mill, leaf("c"), **ONE)
    await mill.play()
    assert mill.seen == ["a"]
    await cancel(mill.world, mill.scope, first, reason=None, force=False)
    await mill.play()
    assert mill.seen == ["a", "c"]


async def test_a_flow_inside_waits_for_its_key_too(mill: Mill) -> None:
    await deployed(mill, "f/ops/one", leaf("x"), **ONE)
    first = await pushed(mill, leaf("a") | {"suspend": {"required_events": 1}}, leaf("b"), **ONE)
    await mill.play()
    outer = await mill.push(flow(sub("s", "f/ops/one")), {})
    await mill.play()
    assert await state(mill, child_id(outer, "s/0")) is JobState.BLOCKED
    await cancel(mill.world, mill.scope, first, reason=None, force=False)
    await mill.play()
    assert await state(mill, outer) is JobState.COMPLETED


@pytest.mark.parametrize("option", [{"delete_after_use": True}, {"delete_after_secs": 600}])
async def test_a_step_loses_what_it_carried_after_its_flow_has_ended(
    mill: Mill, clock: JumpingClock, option: dict[str, Any]
) -> None:
    first = leaf("a", secret="'s3cret'") | option
    waits = leaf("b", n="results.a.secret.length") | {"sleep": 900}
    record = await mill.push(flow(first, waits, leaf("c", n="results.a.secret.length")), {})
    step = child_id(record, "a/0")
    await mill.play()
    clock.jump(901)
    await sweep(mill.world)
    assert "s3cret" in ((await mill.record(step)).result or "")
    await mill.play()
    assert value_of(await mill.record(record)) == {"n": 6}
    await sweep(mill.world)
    clock.jump(700)
    await sweep(mill.world)
    gone = await mill.record(step)
    assert (gone.result, gone.args, gone.deleted) == ("null", "{}", True)
    assert json.loads((await mill.record(child_id(record, "b/0"))).result or "") == {"n": 6}


async def test_a_preprocessor_makes_the_arguments_of_the_flow(mill: Mill) -> None:
    mill.code["preprocessor"] = lambda event: {"n": event["n"] * 10}
    step = leaf("a", n="flow_input.n", all="flow_input")
    await deployed(mill, "f/ops/flow", step, preprocessor_module=leaf("preprocessor"))
    args = {"event": {"n": 4}}
    id = await _run(mill, args, prepares=True)
    assert value_of(await mill.record(id)) == {"n": 40, "all": {"n": 40}}
    job = await mill.record(child_id(id, "preprocessor/0"))
    assert (job.raw_code or "").endswith("\nmain = preprocessor\n")
    id = await _run(mill, args, prepares=False)
    assert value_of(await mill.record(id)) == {"n": None, "all": args}


async def test_a_preprocessor_may_be_a_deployed_script(mill: Mill) -> None:
    mill.code["preprocessor"] = lambda event: {"n": event["n"] * 10}
    options = {"dedicated_worker": True, "cache_ttl": 60}
    hash_ = await deploy_script(mill.world, mill.scope, options=options)
    by_path = {
        "id": "preprocessor",
        "value": {"type": "script", "path": "f/ops/hello", "input_transforms": {}},
    }
    step = leaf("a", n="flow_input.n")
    await deployed(mill, "f/ops/flow", step, preprocessor_module=by_path)
    id = await _run(mill, {"event": {"n": 4}}, prepares=True)
    assert value_of(await mill.record(id)) == {"n": 40}
    async with mill.world.db.view() as view:
        job = await flows.job(view, child_id(id, "preprocessor/0"))
    assert (job.script_hash, job.cell, job.cache_key) == (hash_, '{"prepares":true}', None)


async def test_a_preprocessor_in_another_language_fails_its_flow(mill: Mill) -> None:
    new = NewScript(path="f/ops/hello", content="echo", language="bash")
    await deploy.create_script(mill.world, mill.scope, new)
    by_path = {
        "id": "preprocessor",
        "value": {"type": "script", "path": "f/ops/hello", "input_transforms": {}},
    }
    await deployed(mill, "f/ops/flow", leaf("a"), preprocessor_module=by_path)
    id = await _run(mill, {}, prepares=True)
    assert "Python or TypeScript, and not in bash" in ((await mill.record(id)).result or "")


async def _run(mill: Mill, args: dict[str, Any], *, prepares: bool) -> UUID:
    options = RunOptions(prepares=prepares)
    id = await run_path(mill.world, mill.scope, "f/ops/flow", args=args, options=options)
    await mill.play()
    return id


async def test_a_flow_gives_its_tag_to_its_steps_unless_they_keep_their_own(mill: Mill) -> None:
    own = leaf("a")
    own["value"]["tag"] = "gpu-$args[kind]"
    own["value"]["input_transforms"] = {"kind": {"type": "static", "value": "big"}}
    plain = await mill.push(flow(own), {})
    await mill.play()
    assert (await mill.record(child_id(plain, "a/0"))).tag == "gpu-big"


async def test_what_a_step_says_about_priority_and_time_wins(mill: Mill) -> None:
    slow = leaf("a") | {
        "priority": 9,
        "timeout": {"type": "javascript", "expr": "flow_input.n + 1"},
    }
    record = await played(mill, slow, leaf("b"), priority=3)
    first, second = [await mill.record(child_id(record.id, name)) for name in ("a/0", "b/0")]
    assert (first.priority, first.timeout_s) == (9, 2)
    assert second.timeout_s is None

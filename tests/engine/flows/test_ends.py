"""What becomes of all that a flow was, when it is over or cannot go on."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from tests.core.flow._build import flow, leaf, loop
from tests.engine._runs import DAY_S
from tests.engine.conftest import JumpingClock
from tests.engine.flows._mill import TAGS, Mill
from windmill_lite.core.flow.refs import child_id
from windmill_lite.engine import rescue
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.keeping import prune
from windmill_lite.engine.keeping.prune import Progress
from windmill_lite.model import limits
from windmill_lite.store.db.port import Tx
from windmill_lite.store.db.sqlfile import parse
from windmill_lite.store.machine import flows

LEFT = parse(
    """-- name: left
select (select count(*) from job) + (select count(*) from flow_run)
  + (select count(*) from flow_item)
  + (select count(*) from flow_result) + (select count(*) from flow_voice)
  + (select count(*) from flow_letter) as rows_left
""",
    "here",
)["left"]


async def _left(mill: Mill) -> int:
    async with mill.world.db.view() as view:
        row = await view.one(LEFT)
    assert row is not None
    return int(row["rows_left"])


async def test_a_flow_goes_with_all_there_is_about_it(mill: Mill, clock: JumpingClock) -> None:
    body = leaf("b", v="flow_input.iter.value") | {"suspend": {"required_events": 1, "timeout": 1}}
    id = await mill.push(flow(loop("l", body, over="[1, 2]", skip_failures=True)), {})
    gate = child_id(child_id(id, "l/0/0"), "b/0")

    async def say(tx: Tx) -> None:
        await flows.say(tx, gate, "yes", "1", by=None, now=mill.world.now())

    await mill.world.db.write(say)
    await mill.play()
    clock.jump(2)
    await mill.play()
    assert (await mill.record(id)).completed
    assert await _left(mill) > 10
    clock.jump(365 * DAY_S)
    async for _ in prune.old_runs(mill.world, Progress()):
        pass
    assert await _left(mill) == 0


async def test_a_flow_that_is_lost_too_often_ends_what_is_below_it(
    mill: Mill, clock: JumpingClock
) -> None:
    document = flow(loop("l", leaf("b"), over="[1, 2]", parallel=True), leaf("z") | {"sleep": 5})
    outer = await mill.push(document, {})
    ask = Ask(mill.worker.id, TAGS, 1)
    (start,) = await claim(mill.world, ask)
    await mill.work(start)
    body = child_id(outer, "l/0/1")
    await mill.world.db.write(lambda tx: flows.wait(tx, body, mill.world.now() + 1))
    for _ in range(limits.JOB_ATTEMPTS_DEFAULT):
        clock.jump(1)
        (held,) = await claim(mill.world, Ask(mill.worker.id, ("flow",), 9))
        assert held.job.id == body
        await rescue.lose(mill.world, held, "its worker broke", worker="one")
    assert (await mill.record(child_id(body, "b/0"))).outcome == "canceled"
    await mill.play()
    told = json.loads((await mill.record(outer)).result or "")
    assert told[0] == {}
    assert told[1]["error"]["name"] == "WorkerLost"
    assert told[1]["error"]["step_id"] == "l", "as every error of a step"


@pytest.mark.parametrize("count", [3, 7])
async def test_a_result_that_is_put_together_is_read_in_batches(
    mill: Mill, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(limits, "RESULTS_BATCH", 3)
    items = json.dumps(list(range(count)))
    id = await mill.push(flow(loop("l", leaf("b", v="flow_input.iter.value"), over=items)), {})
    await mill.play()
    assert json.loads((await mill.record(id)).result or "") == [{"v": n} for n in range(count)]


async def test_a_flow_whose_result_is_too_large_fails_and_says_so(
    mill: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "RESULT_BYTES_MAX", 100)
    wide = leaf("b", v="'x'.repeat(60)")
    id: UUID = await mill.push(flow(loop("l", wide, over="[1, 2]"), leaf("z", n="1")), {})
    await mill.play()
    assert json.loads((await mill.record(id)).result or "") == {"n": 1}
    id = await mill.push(flow(loop("l", wide, over="[1, 2]")), {})
    await mill.play()
    assert json.loads((await mill.record(id)).result or "")["error"]["name"] == "ResultTooLarge"

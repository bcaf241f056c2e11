"""What jobs leave behind in the process that ran them: nothing that grows with their number.

Counted is what the collector knows after a collection, and what lists, sets and dicts hold: a
finished task, a traceback, a key of a job in a table are all among it.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest

from tests._garbage import circles
from tests.core.flow._build import flow, leaf
from tests.worker._kept import runs
from tests.worker._stage import Stage
from tests.worker.conftest import ADA, Hiring, Office
from tests.worker.test_flows import push_flow
from windmill_lite.engine import cancel
from windmill_lite.engine.flows import show
from windmill_lite.model.job import Finished, Outcome
from windmill_lite.worker.runner import Interrupted

ROUNDS = 6
_CONTAINERS = (dict, OrderedDict, list, set, deque)
FLOW = flow(leaf("a", x="[flow_input.n].map((n) => n + 1)[0]"))


@pytest.fixture
def unsaid() -> Iterator[None]:
    """Nothing is logged: who looks at logs in tests keeps them."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


async def one_of_each(office: Office, stage: Stage) -> None:
    """A success, a failure, a lost attempt, a cancellation, a flow, a flow that is canceled."""
    await office.push()
    (await stage.next()).succeed({"some": "result"})
    await office.push()
    act = await stage.next()
    act.say(b"a line\n")
    act.finish(Finished(Outcome.FAILURE, '{"error": {"name": "E"}}', sandbox="none"))
    lost = await office.push()
    (await stage.next()).fail(Interrupted("the cell broke"))
    (await stage.next()).succeed()
    await office.done(lost)
    await _canceled(office, await office.push(), stage)
    await _canceled(office, await push_flow(office.world, FLOW, n=1), stage)
    id = await push_flow(office.world, FLOW, n=2)
    act = await stage.next()
    assert await show.status_of(office.world, id), "looked at while it runs"
    act.succeed()
    await office.done(id)
    assert await show.status_of(office.world, id), "and when it is over"


async def _canceled(office: Office, id: UUID, stage: Stage) -> None:
    await stage.next()
    await cancel.cancel(office.world, ADA, id, reason=None, force=False)
    await office.done(id)
    await show.status_of(office.world, id)


async def held() -> Counter[str]:
    """Objects by their type, and entries of containers by theirs."""
    loop = asyncio.get_running_loop()
    for _ in range(500):  # the loop forgets timers that were canceled once they are most of them
        loop.call_later(1_000, gc.collect).cancel()
    for _ in range(5):  # what has ended is let go of in its next turns
        await asyncio.sleep(0)
    gc.collect()
    found: Counter[str] = Counter()
    for each in gc.get_objects():
        kind = type(each)
        found[kind.__name__] += 1
        if kind in _CONTAINERS:
            found[f"entries of {kind.__name__}"] += len(each)
    return found


@pytest.mark.usefixtures("unsaid")
@pytest.mark.timeout(120)
async def test_what_a_process_holds_does_not_grow_with_the_jobs_it_ran(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    seen: list[Counter[str]] = []
    # What fills once, or comes and goes, does not grow every time: a connection of SQLite lists its
    # cursors, and strikes off those that are gone whenever it has made two hundred.
    for _ in range(9):
        for _ in range(ROUNDS):
            await one_of_each(office, stage)
        seen.append(await held())
    steps = {kind: [b[kind] - a[kind] for a, b in pairwise(seen)] for kind in seen[-1]}
    assert {kind: each for kind, each in steps.items() if min(each) >= ROUNDS} == {}


@pytest.mark.usefixtures("unsaid")
async def test_a_job_leaves_nothing_to_the_collector(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()

    async def one() -> None:
        id = await office.push()
        act = await stage.next()
        act.say(b"a line\nWM_STREAM: and a piece\n")
        act.succeed("x")
        await office.done(id)
        await _canceled(office, await office.push(), stage)
        id = await push_flow(office.world, FLOW, n=2)
        (await stage.next()).succeed()
        await office.done(id)

    assert await circles(one) == {}


async def test_a_cell_leaves_nothing_to_the_collector(tmp_path: Path) -> None:
    async with runs(tmp_path) as opened:

        async def one() -> None:
            assert await opened.result("def main(): return 'x' * 10_000", cell="")
            assert await opened.error("def main(): raise ValueError", cell="")
            assert await opened.result("def main(): return 1") == 1

        assert await circles(one) == {}

"""Who leads, and how long runs are kept. As in `scenarios_people`, what was broken is repeated."""

from __future__ import annotations

from uuid import UUID

from tests.sim.scenarios_push import inhabited
from tests.sim.stage import ADA, Stage
from windmill_lite.engine import lease
from windmill_lite.engine.keeping import retention
from windmill_lite.engine.lease import Lease
from windmill_lite.model.retention import Retention, Rule

NAME, HOLDER = "chores", UUID(int=1)
RULES = (Rule("f/lab/*", 0), Rule("f/ops/nightly", 7))


async def take_a_lease(stage: Stage) -> None:
    stage.arm()
    await lease_taken(stage)


async def lease_taken(stage: Stage) -> None:
    """One's own lease can be taken again, with another term."""
    await taken(stage)


async def taken(stage: Stage) -> Lease:
    found = await stage.insist(lambda: lease.acquire(stage.world, NAME, HOLDER))
    assert found is not None, "nobody else wants it"
    return found


async def renew_a_lease(stage: Stage) -> None:
    held = await taken(stage)
    stage.arm()
    renewed = await stage.insist(lambda: lease.renew(stage.world, held))
    assert renewed is not None, "nobody took it"
    assert renewed.term == held.term


async def resign_a_lease(stage: Stage) -> None:
    held = await taken(stage)
    stage.arm()
    await stage.insist(lambda: lease.resign(stage.world, held))
    stranger = UUID(int=2)
    assert await stage.insist(lambda: lease.free_in_s(stage.world, NAME, stranger)) == 0


async def say_how_long_runs_are_kept(stage: Stage) -> None:
    await inhabited(stage)
    stage.arm()
    await retention_said(stage)


async def retention_said(stage: Stage) -> None:
    await stage.insist(lambda: retention.write(stage.world, ADA, days=90, paths=RULES))
    found = await stage.insist(lambda: retention.read(stage.world, ADA))
    assert found == Retention(90, RULES, stage.world.keeping.retention_days)

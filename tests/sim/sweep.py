"""One scenario, broken at every point it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.sim.faulty import CrashError, Fault, Kind
from tests.sim.invariants import ViolationError
from tests.sim.scenarios import Scenario
from tests.sim.stage import Stage
from tests.sim.wiping import wipe, wiping
from windmill_lite.base.errors import Bug, Refusal
from windmill_lite.store.db.port import Db, Query


async def sweep(db: Db, scenario: Scenario, *, every: int = 1, first: int = 0) -> int:
    """How many faults there were: one of each kind at the point `first` and at each `every`-th
    from there. Fails: `ViolationError`, naming the point.
    """
    wipes = await wiping(db)
    calm = Fault()
    await _play(db, scenario, calm, wipes=wipes)
    await _play(db, scenario, Fault(), wipes=wipes, twice=True)
    swept = 0
    for fault in _faults(range(first % len(calm.reached), len(calm.reached), every)):
        await _play(db, scenario, fault, wipes=wipes)
        swept += 1
    return swept


def _faults(points: range) -> Iterator[Fault]:
    for at in points:
        yield Fault(at, Kind.CRASH)
        yield Fault(at, Kind.OUTAGE)


async def _play(
    db: Db, scenario: Scenario, fault: Fault, *, wipes: Sequence[Query], twice: bool = False
) -> None:
    await wipe(db, wipes)
    stage = Stage(db, fault, twice=twice)
    crashed = False
    try:
        try:
            await scenario.act(stage)
        except CrashError:
            crashed = True
        await stage.settle(crashed=crashed)
        if scenario.again is not None:
            stage.clock.jump(1.0)
            await scenario.again(stage)
    except (AssertionError, Refusal, Bug, KeyError) as error:
        raise ViolationError(_told(scenario, fault, error, twice=twice)) from error


def _told(scenario: Scenario, fault: Fault, error: Exception, *, twice: bool) -> str:
    where = "nothing goes wrong"
    if twice:
        where = "every body runs twice"
    elif fault.at is not None:
        point = fault.reached[fault.at] if fault.struck else "that is never reached"
        where = f"{fault.kind} {point} (point {fault.at})"
    return f"{scenario.name}, {where}: {type(error).__name__}: {error}"

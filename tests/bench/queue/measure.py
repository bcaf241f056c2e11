"""From a site to its table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.queue import work
from tests.bench.queue.appliance import ONLY_ENQUEUED, over_http
from tests.bench.queue.cost import Cost, cheapest, one_after_the_other
from tests.bench.queue.floor import Act, Shape, postgres_floor, sqlite_floor
from tests.bench.queue.place import House, Site, house
from tests.bench.queue.table import Row, Table
from windmill_lite.store.db.postgres import WRITERS

CPU_MS_MAX = 2.5  # of all processes for a job in its sandbox
APART_MS_MAX = 1.5  # of processor time, that Postgres costs more than SQLite
ENQUEUES_MIN = 5_000.0  # a second, of 64 callers
COMPLETIONS_MIN = {"sqlite": 5_000.0, "postgres": 3_000.0}  # a second, of 4 hands


@dataclass(frozen=True, slots=True)
class Size:
    """How many jobs each measurement is for, and what is measured."""

    jobs: int
    callers: tuple[int, ...]
    hands: tuple[int, ...]
    crews: tuple[tuple[int, int], ...]  # workers, slots of each
    in_earnest: int  # jobs over HTTP in sandboxes
    rounds: int  # of product and floor in turns; the cheapest of each is the least disturbed


FULL = Size(
    2_000,
    (1, work.CALLERS, 64),
    (1, 2, 4, 8, 16),
    ((1, 1), (1, 2), (1, 4), (1, 8), (2, 4), (4, 4)),
    600,
    5,
)
QUICK = Size(400, (work.CALLERS, 64), (4,), ((1, 4),), 60, 1)


async def measure(site: Site, size: Size) -> Mapping[str, Cost]:
    """Prints the table; what the whole jobs cost, by the name of their row."""
    table = Table(f"The queue on {site.dialect}, every commit on the disk")
    async with house(site) as here:
        acts = await work.acts(here)
        entering = await _enqueueing(here, site, table, acts=acts, size=size)
        ending = await _completing(here, site, table, acts=acts, size=size)
    whole: dict[str, Cost] = {}
    for workers, slots in size.crews:
        costs = []
        for _ in range(size.rounds):
            async with house(site) as here:
                crew = work.Hired(workers, slots)
                costs.append(await work.worked(here, site, crew, size.jobs))
        cost = cheapest(costs)
        name = f"no-op jobs, {workers} workers x {slots} slots"
        whole[name] = cost
        floor = one_after_the_other(entering[work.CALLERS], ending[workers * slots])
        table.add(Row(name, cost, floor))
    async with house(site) as here:
        cost = await work.answered(here, site, size.jobs // 6)
        table.add(Row("push to result, one at a time", cost))
    for name, cost in (
        await over_http(site, size.in_earnest, in_flight=8, rounds=size.rounds)
    ).items():
        if name == ONLY_ENQUEUED:
            table.add(Row(name, cost, target=ENQUEUES_MIN))
            continue
        whole[name] = cost
        table.add(Row(name, cost, cpu_ms_max=CPU_MS_MAX))
    table.print()
    return whole


def compare(sqlite: Mapping[str, Cost], postgres: Mapping[str, Cost]) -> None:
    """What a whole job costs more on Postgres."""
    print(f"\nPostgres more than SQLite, CPU ms of all processes; target <= {APART_MS_MAX:g}")
    for name, cost in sqlite.items():
        print(f"{name:<34} {postgres[name].cpu_ms - cost.cpu_ms:+7.3f}")


async def _enqueueing(
    here: House, site: Site, table: Table, *, acts: Mapping[str, Act], size: Size
) -> Mapping[int, Cost]:
    """The floors, by the number of callers."""
    found: dict[int, Cost] = {}
    for callers in size.callers:
        count = _fewer(size.jobs, callers)
        costs, floors = [], []
        for _ in range(size.rounds):
            costs.append(await work.enqueued(here, site, callers, count))
            shape = _shape(costs[-1], callers, site, acts["enqueue"])
            floors.append(await _floor(site, acts["enqueue"], shape))
        cost, floor = cheapest(costs), cheapest(floors)
        target = ENQUEUES_MIN if callers >= 64 else None
        table.add(Row(f"enqueue, {callers} at once", cost, floor, target))
        found[callers] = floor
    return found


async def _completing(
    here: House, site: Site, table: Table, *, acts: Mapping[str, Act], size: Size
) -> Mapping[int, Cost]:
    """The floors, by the number of hands."""
    found: dict[int, Cost] = {}
    for hands in size.hands:
        count = _fewer(size.jobs, hands)
        costs, floors = [], []
        for _ in range(size.rounds):
            await _fill(here, count + work.warm_up(count, hands) + 2 * hands)
            costs.append(await work.completed(here, site, hands, count))
            shape = _shape(costs[-1], hands, site, acts["complete"])
            floors.append(await _floor(site, acts["complete"], shape, acts["claim"]))
        cost, floor = cheapest(costs), cheapest(floors)
        target = COMPLETIONS_MIN[site.dialect] if hands == 4 else None
        table.add(Row(f"complete and claim next, {hands} at once", cost, floor, target))
        found[hands] = floor
    return found


def _fewer(jobs: int, at_once: int) -> int:
    return jobs if at_once > 1 else jobs // 3


async def _fill(here: House, count: int) -> None:
    await work.at_once(64, count, lambda: work.enqueue(here.office.world))


def _shape(cost: Cost, at_once: int, site: Site, act: Act) -> Shape:
    """As many in a commit as the product had, on as many connections as it had, and its reads."""
    commits = max(1, cost.traffic.commits)
    group = max(1, round(cost.count / commits))
    lanes = 1 if site.server is None else max(1, min(at_once // group, WRITERS))
    said = commits if any(step.alone for step in act.steps) else cost.count
    reads = cost.traffic.statements - said * sum(step.writes for step in act.steps)
    return Shape(group, lanes, cost.count, max(1, round(cost.count / max(1, reads))))


async def _floor(site: Site, act: Act, shape: Shape, first: Act | None = None) -> Cost:
    """In a database of its own, filled by the product where jobs are taken."""
    async with house(site) as here:
        if first is not None:
            await _fill(here, shape.jobs)
        if site.server is not None:
            return await postgres_floor(here.url, site.server.pid, act, shape, first)
    # The product has let go of the file.
    return sqlite_floor(Path(here.url.removeprefix("sqlite:///")), act, shape, first)

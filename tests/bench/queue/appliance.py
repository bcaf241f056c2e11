"""The same jobs in earnest: over HTTP, each in a process of its own, isolated as far as it goes."""

from __future__ import annotations

import time
from functools import partial

import aiohttp

from tests.bench.queue.cost import Cost, cheapest, metered
from tests.bench.queue.place import Site
from tests.bench.queue.work import at_once, warm_up
from tests.bench.test_jobs import appliance, drained, enqueue, run_and_wait

ONLY_ENQUEUED = "HTTP, only enqueued, 64 at once"


async def over_http(site: Site, count: int, *, in_flight: int, rounds: int) -> dict[str, Cost]:
    """Jobs that are waited for, alone and several at once; jobs that are enqueued while others run;
    jobs that nobody takes, which is what a request costs: of some rounds the cheapest. What the
    caller costs is not counted.
    """
    flags = ("--database", site.new_database()) if site.server else ()
    async with appliance(site.folder / "appliance", *flags) as (session, pid):
        families = (pid, *site.families)
        measures = {
            "HTTP, waited for, one at a time": partial(_waited, session, families, 1, count // 3),
            f"HTTP, waited for, {in_flight} at once": partial(
                _waited, session, families, in_flight, count
            ),
            "HTTP, enqueued, 64 at once": partial(_enqueued, session, families, count),
            ONLY_ENQUEUED: partial(_only_enqueued, session, families, 5 * count),
        }
        await at_once(in_flight, warm_up(count, 20), lambda: run_and_wait(session))
        return {
            name: cheapest([await measure() for _ in range(rounds)])
            for name, measure in measures.items()
        }


async def _waited(
    session: aiohttp.ClientSession, families: tuple[int, ...], callers: int, count: int
) -> Cost:
    with metered(*families) as cost:
        cost.spent_s = await at_once(callers, count, lambda: run_and_wait(session))
        cost.count = count
    cost.own_s = 0.0  # that is the caller
    return cost


async def _only_enqueued(
    session: aiohttp.ClientSession, families: tuple[int, ...], count: int
) -> Cost:
    with metered(*families) as cost:
        cost.spent_s = await at_once(64, count, lambda: enqueue(session, tag="nobody"))
        cost.count = count
    cost.own_s = 0.0
    return cost


async def _enqueued(session: aiohttp.ClientSession, families: tuple[int, ...], count: int) -> Cost:
    """The rate of enqueueing while workers run what was enqueued; the cost until all have run."""
    began = time.perf_counter()
    with metered(*families) as cost:
        cost.spent_s = await at_once(64, count, lambda: enqueue(session))
        enqueued_s = time.perf_counter() - began
        await drained(session)
        cost.count = count
    cost.wall_s, cost.own_s = enqueued_s, 0.0
    return cost

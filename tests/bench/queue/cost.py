"""What some work took: time, and processor time of everybody who took part."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests._driver import Traffic
from tests.bench._processes import tree_cpu_s


@dataclass(slots=True)
class Cost:
    """Seconds, all in all; `count` is how many jobs, or calls, they were for."""

    count: int = 0
    wall_s: float = 0.0
    own_s: float = 0.0  # processor time of this process, all threads
    others_s: float = 0.0  # of the families of processes that were named
    spent_s: list[float] = field(default_factory=list)  # of each call, where it was taken
    traffic: Traffic = field(default_factory=Traffic)

    @property
    def rate(self) -> float:
        return self.count / self.wall_s

    @property
    def cpu_ms(self) -> float:
        """Of all processes, for each."""
        return (self.own_s + self.others_s) / self.count * 1000

    def at_ms(self, share: float) -> float:
        """A quantile of the calls' times."""
        ordered = sorted(self.spent_s)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


@contextmanager
def metered(*families: int, traffic: Traffic | None = None) -> Iterator[Cost]:
    """Fills in the cost of what happens inside; `count` and `spent_s` are set there."""
    cost = Cost()
    before = traffic.copy() if traffic is not None else None
    others = tree_cpu_s(*families)
    own, began = time.process_time(), time.perf_counter()
    yield cost
    cost.wall_s = time.perf_counter() - began
    cost.own_s = time.process_time() - own
    cost.others_s = tree_cpu_s(*families) - others
    if traffic is not None and before is not None:
        cost.traffic = traffic.since(before)


def cheapest(costs: Sequence[Cost]) -> Cost:
    """Of some rounds the one that others disturbed least."""
    return min(costs, key=lambda cost: cost.cpu_ms)


def one_after_the_other(*costs: Cost) -> Cost:
    """What it takes to do all of it for the same jobs."""
    total = Cost(1000)
    for each in costs:
        total.wall_s += 1000 / each.rate
        total.own_s += each.cpu_ms
    return total

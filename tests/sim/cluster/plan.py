"""What will happen in a run, drawn before: who there is, who asks for what, what breaks when.

A plan can be cut short without changing what is left of it: so the shortest plan that still fails
can be looked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Final

STEPS: Final = 40

#: Where flows are pushed, too.
WITH_FLOWS: Final = {"push": 8, "flow": 30}

#: Kind of a step and how often it comes.
CLIENTS: Final = {"push": 40, "cancel": 9, "force": 4, "wait": 6}
FAULTS: Final = {
    "crash": 6,
    "freeze": 6,
    "cut": 5,
    "restart": 4,
    "away": 3,
    "deaf": 3,
    "skew": 2,
    "leap": 4,
}
SOLO_FAULTS: Final = {"crash": 8, "freeze": 4, "restart": 4}


@dataclass(frozen=True, slots=True)
class Step:
    """`which` is a number that whoever acts takes modulo what there is; `amount` is of 0 to 1."""

    at_s: float
    kind: str
    which: int
    amount: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A run before it begins."""

    seed: int
    solo: bool
    workers: int
    slots: int
    schedulers: int
    lease_s: float
    drain_s: float
    every_s: int  # between the ticks of a schedule; 0: there is none
    lossy: float  # the share of answers, requests and rings that get lost
    deaf: bool  # no ring arrives at all
    slow: float
    skew_s: float  # how wrong the clocks of machines may be
    steps: tuple[Step, ...]


def draw(seed: int, steps: int = STEPS, more: Mapping[str, int] | None = None) -> Plan:
    """The plan of a seed, with the first `steps` of its steps; `more` says which kinds come more
    often, or at all.
    """
    rng = Random(f"plan {seed}")  # noqa: S311  (no secret)
    solo = rng.random() < 0.2
    head = Plan(
        seed=seed,
        solo=solo,
        workers=1 if solo else rng.choice((1, 2, 2, 3)),
        slots=rng.choice((1, 2, 3)),
        schedulers=rng.choice((1, 2)),
        lease_s=rng.choice((4.0, 10.0, 20.0, 60.0)),
        drain_s=rng.choice((0.0, 2.0, 20.0)),
        every_s=rng.choice((0, 0, 5, 30)),
        lossy=rng.choice((0.0, 0.02, 0.1, 0.2)),
        deaf=rng.random() < 0.15,
        slow=rng.choice((0.0, 0.01, 0.1)),
        skew_s=rng.choice((0.0, 0.5, 0.5, 3600.0)),
        steps=(),
    )
    kinds = CLIENTS | (SOLO_FAULTS if solo else FAULTS) | dict(more or {})
    names, weights = tuple(kinds), tuple(kinds.values())
    pace_s = rng.choice((0.2, 1.0, 5.0))
    drawn, at_s = [], 0.0
    for _ in range(steps):
        at_s += rng.expovariate(1 / pace_s)
        kind = rng.choices(names, weights)[0]
        drawn.append(Step(at_s, kind, rng.randrange(1 << 16), rng.random()))
    return replace(head, steps=tuple(drawn))

"""Which process is struck, how and when, from one seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from tests.roles.kills.flows import STEPS

_JUMPS_S = (-86_400, -3_600, 0, 3_600, 86_400)
_LONG = 0.03  # the share of jobs that outlast a lease, where workers freeze
WORKERS = ("one", "two", "three")
SERVER = "postgres"
DATABASES = ("sqlite", SERVER)


class Fault(Enum):
    KILL = "kill -9"
    FREEZE = "freeze"  # SIGSTOP, and SIGCONT after a while
    OUTAGE = "outage"  # of Postgres, which loses every connection at once
    JUMP = "jump"  # of one clock, an hour or a day, forward or back


@dataclass(frozen=True)
class Trial:
    """What is tried. `freezes` and `outages` need Postgres."""

    database: str
    jobs: int
    seed: int
    seconds_between: float = 1.0
    freezes: bool = False
    outages: bool = False
    lease_s: float = 3.0
    slots: int = 2  # of each worker
    busy: float = 0.25  # the share of the jobs that work for a while
    quiet_s: float = 60.0  # for what is left when the faults have ended
    flows: bool = False  # the jobs are flows of many steps
    clocks: bool = False  # of processes and of Postgres jump
    kills: bool = True
    faults_max: int = 1_000_000  # then what is left is done in peace
    inspected: bool = False  # SQLite's file, after every kill

    @property
    def steps(self) -> int:
        """Jobs that run, for each that is asked for."""
        return STEPS if self.flows else 1

    @property
    def victims(self) -> tuple[str, ...]:
        if self.database == "sqlite":
            return ("solo",)
        return ("api", "scheduler", *WORKERS)


@dataclass(frozen=True)
class Step:
    """One fault. `early`: it does not wait until the victim is at work again."""

    pause_s: float
    fault: Fault
    victim: str
    early: bool
    lasts_s: float
    to_s: int = 0  # where a clock jumps to, from the right time


def steps(trial: Trial) -> Iterator[Step]:
    """Without end."""
    chance = random.Random(trial.seed)  # noqa: S311  (no secret)
    weights = {
        Fault.KILL: 10 * trial.kills,
        Fault.FREEZE: 3 * trial.freezes,
        Fault.OUTAGE: 2 * trial.outages,
        Fault.JUMP: 10 * trial.clocks,
    }
    among = {
        Fault.KILL: trial.victims,
        Fault.FREEZE: WORKERS,
        Fault.OUTAGE: (SERVER,),
        Fault.JUMP: trial.victims if trial.database == "sqlite" else (*trial.victims, SERVER),
    }
    while True:
        fault = chance.choices(list(weights), list(weights.values()))[0]
        yield Step(
            pause_s=trial.seconds_between * chance.uniform(0.1, 1.9),
            fault=fault,
            victim=chance.choice(among[fault]),
            early=chance.random() < 0.1,
            lasts_s=trial.lease_s * chance.uniform(0.2, 2.0),
            to_s=chance.choice(_JUMPS_S),
        )


def work_s(trial: Trial, number: int) -> float:
    """How long a job works: most hardly, others long enough to be met by a fault, and few so long
    that a frozen worker's lease ends before they do.
    """
    chance = random.Random(f"{trial.seed}:{number}")  # noqa: S311  (no secret)
    if trial.freezes and chance.random() < _LONG:
        return trial.lease_s * chance.uniform(1.0, 1.5)
    return chance.uniform(0.02, 0.3) if chance.random() < trial.busy else 0.0

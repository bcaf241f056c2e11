"""What was promised, what ran and what is stored, compared."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.roles.kills import flows
from tests.roles.kills.load import NO_ANSWER
from tests.roles.kills.plan import WORKERS, Fault, Step, Trial
from tests.roles.kills.recorder import Mark
from windmill_lite.model.job import FLOW_KINDS
from windmill_lite.model.limits import JOB_ATTEMPTS_DEFAULT
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.sqlfile import parse

Q = parse(Path(__file__).with_name("facts.sql").read_text("utf-8"), "facts.sql")
_ANSWERS = frozenset((NO_ANSWER, 200, 201, 503))
_SHOWN = 10  # faults of one kind in a report


@dataclass(frozen=True)
class End:
    """How a job completed; `completed_at` in µs."""

    outcome: str
    attempt: int
    result: Any
    completed_at: int

    @property
    def given_up(self) -> bool:
        """It lost its worker as often as a job may."""
        match self.result:
            case {"error": {"name": "WorkerLost"}}:
                return self.outcome == "failure" and self.attempt >= JOB_ATTEMPTS_DEFAULT
        return False


@dataclass(frozen=True)
class Child:
    """A job that hangs below a flow."""

    flow: str  # the root
    step: str


@dataclass
class Facts:
    """The rows of the database; by id."""

    jobs: set[str]  # that hang below no flow
    queue: dict[str, str]
    done: dict[str, End]
    children: dict[str, Child] = field(default_factory=dict)
    flows: set[str] = field(default_factory=set)  # of all these, what runs no code of its own


@dataclass
class Verdict:
    """`wrong` is empty when every promise was kept; the rest is to be read."""

    wrong: list[str] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)

    def find(self, what: str, cases: list[Any]) -> None:
        if cases:
            self.wrong.append(f"{len(cases)} {what}: {', '.join(map(str, cases[:_SHOWN]))}")

    def __str__(self) -> str:
        lines = [f"{name:<28} {value}" for name, value in self.facts.items()]
        return "\n".join([*lines, *(f"WRONG: {each}" for each in self.wrong or ())])


async def read(database: str) -> Facts:
    """Of a database that nobody uses."""
    db = connect(database, Path())
    await db.open()
    async with db.view() as view:
        jobs, queue, done = [await view.all(Q[name]) for name in ("jobs", "queue", "done")]
    await db.close()
    return Facts(
        {str(row["id"]) for row in jobs if row["root_id"] is None},
        {str(row["id"]): f"{row['state']}, attempt {row['attempt']}" for row in queue},
        {
            str(row["id"]): End(
                row["outcome"], row["attempt"], json.loads(row["result"]), row["completed_at"]
            )
            for row in done
        },
        {
            str(row["id"]): Child(str(row["root_id"]), row["step_id"])
            for row in jobs
            if row["root_id"] is not None
        },
        {str(row["id"]) for row in jobs if row["kind"] in FLOW_KINDS},
    )


@dataclass
class Evidence:
    """All that was seen of a trial."""

    trial: Trial
    faults: list[Step]
    promised: dict[int, str]
    answers: Counter[int]  # by status
    broken: list[str]  # promises, as the callers saw it
    marks: list[Mark]
    overlaps: list[str]
    facts: Facts


def judge(seen: Evidence) -> Verdict:
    verdict, ends = Verdict(), seen.facts.done
    promised = set(seen.promised.values())
    verdict.find("jobs got lost", sorted(promised - seen.facts.jobs))
    verdict.find("jobs are stuck", sorted(seen.facts.queue.items()))
    verdict.find("jobs nobody was promised", sorted(seen.facts.jobs - promised))
    verdict.find("jobs share an id", _twice(seen.promised.values()))
    wrong = flows.faults(seen.promised, seen.facts) if seen.trial.flows else None
    verdict.find("results are wrong", list(wrong or _wrong_results(seen.promised, ends)))
    ran = {id_: end for id_, end in ends.items() if id_ not in seen.facts.flows}
    verdict.find("jobs succeeded without having run", list(_never_ran(ran, seen.marks)))
    verdict.find("promises were broken", seen.broken)
    verdict.find("answers are out of place", sorted(set(seen.answers) - _ANSWERS))
    verdict.find("attempts began while another was alive", seen.overlaps)
    if not seen.trial.clocks:  # whose times mean something
        verdict.find("signs of life came after the end", list(_too_late(ends, seen.marks)))
    extra = sum(max(end.attempt - 1, 0) for end in ran.values())
    allowed = sum(_losses(seen.trial, step) for step in seen.faults)
    if extra > allowed:
        verdict.wrong.append(f"{extra} further attempts, though {allowed} could have been lost")
    verdict.facts |= {
        "jobs promised": len(promised),
        "jobs below flows": len(seen.facts.children),
        "completed": dict(Counter(end.outcome for end in ends.values())),
        "given up after three losses": sum(end.given_up for end in ends.values()),
        "faults": dict(Counter(f"{s.fault.value} {s.victim}" for s in seen.faults)),
        "further attempts / allowed": f"{extra} / {allowed}",
        "starts seen": sum(mark.what == "start" for mark in seen.marks),
        "deaths seen": sum(mark.what == "gone" for mark in seen.marks),
        "overlaps seen": len(seen.overlaps),
        "answers": dict(seen.answers),
    }
    return verdict


def _twice(ids: Any) -> list[str]:
    return [id_ for id_, count in Counter(ids).items() if count > 1]


def _wrong_results(promised: dict[int, str], ends: dict[str, End]) -> Iterator[str]:
    for number, job_id in promised.items():
        end = ends.get(job_id)
        if end is None or end.given_up:
            continue
        right = {"number": number, "square": number * number}
        if (end.outcome, end.result) != ("success", right):
            yield f"{job_id}: {end.outcome} {end.result}"


def _never_ran(ends: dict[str, End], marks: list[Mark]) -> Iterator[str]:
    worked = {(mark.job, mark.attempt) for mark in marks if mark.what == "end"}
    for job_id, end in ends.items():
        if end.outcome == "success" and (job_id, end.attempt) not in worked:
            yield job_id


def _too_late(ends: dict[str, End], marks: list[Mark]) -> Iterator[str]:
    for mark in marks:
        end = ends.get(mark.job)
        if end is not None and mark.at > end.completed_at:
            yield f"{mark}, completed at {end.completed_at}"


def _losses(trial: Trial, step: Step) -> int:
    """How many attempts a fault can cost."""
    if step.fault is Fault.JUMP:
        return 0
    if step.fault is Fault.OUTAGE:
        return trial.slots * len(WORKERS)
    return trial.slots if step.victim in ("solo", *WORKERS) else 0

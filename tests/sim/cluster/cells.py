"""The jobs' own processes, which are the kernel's and not the worker's: they go on while the worker
is frozen, die with it when it dies, and are ended by a guard when it has had no contact with the
database for too long.

What a job does is drawn from the seed and its own name, so that it does the same wherever and
whenever it runs. It says what it is, line by line; so its log can be checked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from tests.sim.cluster import flows
from tests.sim.cluster.judge import Judge
from tests.sim.cluster.network import Link, Network
from tests.sim.ledger import Ledger
from windmill_lite.base.codec import dumps
from windmill_lite.model.job import Claim, Finished, Outcome
from windmill_lite.worker.runner import Interrupted

CANCELED = Finished(Outcome.CANCELED, dumps({"error": {"name": "Canceled"}}))


@dataclass(frozen=True, slots=True)
class Script:
    """What one run of a job will do. `lines` at these seconds; `ending` of Outcome or "broken"."""

    lasts_s: float
    lines_s: tuple[float, ...]
    ending: str
    dies_in_s: float  # after it was told to


def script(seed: int, job_id: UUID, nth: int) -> Script:
    rng = Random(f"{seed} {job_id} {nth}")  # noqa: S311  (no secret)
    lasts_s = rng.choice((0.0, 0.05, 0.5, 2.0, 8.0, 30.0)) * rng.uniform(0.5, 1.5)
    lines = sorted(rng.uniform(0, lasts_s) for _ in range(rng.choice((0, 0, 1, 2, 5))))
    ending = rng.choices(("success", "failure", "broken"), weights=(80, 14, 6))[0]
    return Script(lasts_s, tuple(lines), ending, rng.choice((0.0, 0.01, 0.5, 4.0)))


@dataclass(eq=False, slots=True)
class Cell:
    """One run of a job."""

    claim: Claim
    link: Link  # whose it is
    nth: int
    script: Script
    say: Callable[[bytes], None]
    end: asyncio.Future[Finished]
    said: list[str] = field(default_factory=list)
    alive: bool = True

    @property
    def name(self) -> str:
        return f"job {self.claim.job.id.int} attempt {self.claim.attempt}"


class Cells:
    """Everything that runs on every machine."""

    def __init__(self, network: Network, ledger: Ledger, judge: Judge, seed: int) -> None:
        self.alive: dict[UUID, Cell] = {}
        self.started = 0
        self._network = network
        self._ledger = ledger
        self._judge = judge
        self._seed = seed
        self._runs: dict[UUID, int] = {}

    def start(self, claim: Claim, link: Link, say: Callable[[bytes], None]) -> Cell:
        job_id = claim.job.id
        nth = self._runs[job_id] = self._runs.get(job_id, 0) + 1
        end: asyncio.Future[Finished] = self._network.loop.create_future()
        cell = Cell(claim, link, nth, script(self._seed, job_id, nth), say, end)
        other = self.alive.get(job_id)
        if other is not None:
            self._judge.fault(
                f"{cell.name} begins in {link.process.name} while {other.name} lives in "
                f"{other.link.process.name}"
            )
        if self._left_s(cell) <= 0:
            self._judge.fault(f"{cell.name} begins in {link.process.name}, which has no contact")
        if claim.job.max_attempts == 1 and nth > 1 + claim.retries:
            self._judge.fault(f"{cell.name} begins for the {nth}th time, and is at most once")
        self._judge.tell(link.process.name, f"{cell.name} begins: {cell.script.ending}")
        self.alive[job_id] = cell
        self.started += 1
        for number, at_s in enumerate(cell.script.lines_s):
            self._network.later(at_s, self._speak, cell, number)
        self._network.later(cell.script.lasts_s, self._come_to_end, cell)
        self._guard(cell)
        return cell

    def kill(self, cell: Cell) -> None:
        """As `Runner.cancel` does: it takes its time to die."""
        self._network.later(cell.script.dies_in_s, self._end, cell, CANCELED)

    def die_with(self, link: Link) -> None:
        """The worker's process is gone."""
        for cell in list(self.alive.values()):
            if cell.link is link:
                self._bury(cell)

    def _guard(self, cell: Cell) -> None:
        if not cell.alive or cell.link.trusted_until_s is None:
            return
        left_s = self._left_s(cell)
        if left_s > 0:
            self._network.later(left_s, self._guard, cell)
        else:
            self._judge.tell("guard", f"ends {cell.name}")
            self._end(cell, Interrupted("its worker was out of contact for too long"))

    def _left_s(self, cell: Cell) -> float:
        """Until the guard ends it, if nothing more is heard."""
        until_s = cell.link.trusted_until_s
        return 1.0 if until_s is None else until_s - self._network.loop.time()

    def _speak(self, cell: Cell, number: int) -> None:
        if cell.alive:
            line = f"{cell.name} run {cell.nth} line {number}\n"
            cell.said.append(line)
            self._network.loop.deliver(cell.link.process, cell.say, line.encode())

    def _come_to_end(self, cell: Cell) -> None:
        if not cell.alive:
            return
        if cell.script.ending == "broken":
            self._end(cell, Interrupted("its cell broke"))
            return
        finished = _finished(cell)
        key = (cell.claim.job.id, cell.claim.attempt)
        self._ledger.reported(*key, finished.result)
        self._ledger.spoken[key] = "".join(cell.said)
        self._end(cell, finished)

    def _end(self, cell: Cell, how: Finished | Interrupted) -> None:
        if not cell.alive:
            return
        self._judge.tell(cell.link.process.name, f"{cell.name} ends: {_told(how)}")
        self._bury(cell)
        self._network.loop.deliver(cell.link.process, _resolve, cell.end, how)

    def _bury(self, cell: Cell) -> None:
        cell.alive = False
        if self.alive.get(cell.claim.job.id) is cell:
            del self.alive[cell.claim.job.id]


def _finished(cell: Cell) -> Finished:
    """What a step of a flow says hangs on its arguments alone."""
    if cell.claim.job.child_name is not None:
        return flows.outcome(cell.claim)
    outcome = Outcome(cell.script.ending)
    told = f"{cell.name} run {cell.nth}"
    result = dumps(told if outcome is Outcome.SUCCESS else {"error": {"name": told}})
    return Finished(outcome, result, sandbox="none")


def _resolve(end: asyncio.Future[Finished], how: Finished | Interrupted) -> None:
    if end.done():
        return
    if isinstance(how, Finished):
        end.set_result(how)
    else:
        end.set_exception(how)


def _told(how: Finished | Interrupted) -> str:
    return str(how.outcome) if isinstance(how, Finished) else str(how)


class SimRunner:
    """A worker's `Runner` over the cells of its machine."""

    def __init__(self, cells: Cells, link: Link) -> None:
        self._cells = cells
        self._link = link
        self._running: dict[UUID, Cell] = {}

    async def run(
        self, claim: Claim, env: dict[str, str], on_output: Callable[[bytes], None]
    ) -> Finished:
        cell = self._cells.start(claim, self._link, on_output)
        self._running[claim.job.id] = cell
        try:
            return await cell.end
        except asyncio.CancelledError:
            self._cells.kill(cell)
            raise
        finally:
            if self._running.get(claim.job.id) is cell:
                del self._running[claim.job.id]

    def trust_until(self, at_s: float) -> None:
        self._link.trusted_until_s = at_s

    def cancel(self, job_id: UUID) -> None:
        cell = self._running.get(job_id)
        if cell is not None:
            self._cells.kill(cell)

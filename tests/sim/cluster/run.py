"""One run: the plan is carried out, faults stop, and everything must come to its end."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from tests.sim.cluster.cells import Cells
from tests.sim.cluster.clients import Clients
from tests.sim.cluster.flows import flow_faults
from tests.sim.cluster.judge import Judge
from tests.sim.cluster.loop import SimLoop
from tests.sim.cluster.network import Network
from tests.sim.cluster.node import Duties, Node, NodeClock, Site
from tests.sim.cluster.plan import STEPS, Plan, Step, draw
from tests.sim.cluster.server import Server, SqliteServer
from tests.sim.facts import Q
from tests.sim.invariants import ViolationError, Watcher
from tests.sim.ledger import Ledger
from tests.sim.ticks import Turn, tick_faults
from windmill_lite.base.clock import to_us

LEASES_TO_SETTLE = 12.0  # three attempts, each lost to a lease and a rescue, with room
JOB_S = 150.0  # of a slot: three runs of the longest job
FLOW_ROUNDS = 4  # of the steps that a flow does not have yet
BURST = 3  # jobs pushed at once, at most
QUIET_S = 20.0  # after the last job nothing may change any more
WAKE_S = 1.0  # from a push to its beginning, in a cluster at rest
POLL_S = 8.0  # the same without rings
STOP_S = 120.0  # in which every machine must have stopped


@dataclass(frozen=True, slots=True)
class Verdict:
    """`faults` is empty when all was well. The counts say how much happened."""

    faults: tuple[str, ...]
    story: tuple[str, ...]
    jobs: int
    commits: int
    attempts: int
    steps: int  # of the loop
    lasted_s: float


def simulate(
    seed: int,
    steps: int = STEPS,
    *,
    server: Server | None = None,
    telling: bool = False,
    more: Mapping[str, int] | None = None,
) -> Verdict:
    """The same seed, number of steps and `more`: the same run, down to the last draw."""
    collecting = gc.isenabled()
    gc.disable()  # what it would clean up runs at a moment that no seed decides
    try:
        plan = draw(seed, steps, more)
        return _Run(plan, server or SqliteServer(), telling=telling).verdict()
    finally:
        if collecting:
            gc.enable()


class _Run:
    def __init__(self, plan: Plan, server: Server, *, telling: bool) -> None:
        self._plan = plan
        self._server = server
        self._loop = SimLoop(_rng("loop", plan))  # type: ignore[abstract]  # no files, no sockets
        self._judge = Judge(self._loop, telling)
        self._ledger = Ledger()
        self._watcher = Watcher(self._ledger, every_commit=True)
        self._network = Network(self._loop, server, _rng("network", plan))
        self._network.watch(self._watcher, self._judge)
        self._cells = Cells(self._network, self._ledger, self._judge, plan.seed)
        self._clients = Clients(self._network, self._ledger, self._judge, plan)
        self._nodes = self._machines()
        self._database_clock = NodeClock(self._loop)
        if not plan.solo:
            server.clock = self._time

    def _machines(self) -> list[Node]:
        plan, rng = self._plan, _rng("machines", self._plan)
        site = Site(self._loop, self._network, self._cells, self._judge, plan.lease_s, plan.solo)
        worker = Duties(slots=plan.slots, drain_s=plan.drain_s)
        duties = [worker] * plan.workers + [Duties(scheduler=True)] * plan.schedulers
        if plan.solo:
            duties = [replace(worker, scheduler=True)]
        skew_s = 0.0 if plan.solo else plan.skew_s
        return [
            Node(site, _name(each, number), number, each, self._clock(rng, skew_s))
            for number, each in enumerate(duties, start=1)
        ]

    def _clock(self, rng: Random, skew_s: float) -> NodeClock:
        return NodeClock(self._loop, rng.uniform(-skew_s, skew_s))

    def _time(self) -> int:
        """Of the database's clock."""
        return to_us(self._database_clock.now())

    def verdict(self) -> Verdict:
        try:
            with self._judge.listening():
                for phase in (self._prepare, self._act, self._settle, self._probe, self._stop):
                    if not self._faults():
                        phase()
        finally:
            self._loop.end()
            attempts, lasted_s = self._cells.started, self._loop.time()
            self._server.close()
        return Verdict(
            tuple(self._faults()),
            tuple(self._judge.story),
            len(self._ledger.pushed),
            self._network.commits,
            attempts,
            self._loop.steps,
            lasted_s,
        )

    def _faults(self) -> Sequence[str]:
        return self._loop.failures

    def _run(self, done: Callable[[], bool], *, seconds: float) -> bool:
        return self._loop.run_until(done, at_most_s=self._loop.time() + seconds)

    # ---- the phases -----------------------------------------------------------------------

    def _prepare(self) -> None:
        """Before anything can break."""
        self._clients.prepare(self._plan.every_s)
        self._run(self._clients.at_rest, seconds=10.0)
        for error in self._clients.broken():
            self._judge.fault(f"nothing could be prepared: {error}")

    def _act(self) -> None:
        weather = self._network.weather
        weather.requests_lost = weather.answers_lost = self._plan.lossy
        weather.rings_lost = 1.0 if self._plan.deaf else self._plan.lossy
        weather.slow = self._plan.slow
        for node in self._nodes:
            node.boot()
        for step in self._plan.steps:
            self._network.later(step.at_s, self._take, step)
        last_s = self._plan.steps[-1].at_s if self._plan.steps else 0.0
        self._run(lambda: False, seconds=last_s + 0.001)

    def _settle(self) -> None:
        """Faults stop; then every job comes to its end in time, and stays there."""
        self._judge.tell("all", "faults stop")
        self._network.weather.clear()
        for link in self._network.links:
            link.cut_until_s = 0.0
        for node in self._nodes:
            self._loop.thaw(node.process)
        if self._plan.every_s:
            self._clients.pause()
        jobs = self._ledger.asked | self._server.facts().jobs.keys()
        rounds = 1 + len(jobs) // (self._plan.workers * self._plan.slots)
        rounds += FLOW_ROUNDS * len(self._clients.flows)
        self._come_to_rest(LEASES_TO_SETTLE * self._plan.lease_s + JOB_S * rounds)

    def _probe(self) -> None:
        """A worker with nothing to do begins a new job soon, even if no ring tells it to."""
        plan, before = self._plan, self._cells.started
        self._network.weather.rings_lost = 1.0 if plan.deaf else 0.0
        enough_s = POLL_S if plan.deaf and not plan.solo else WAKE_S
        self._clients.push(0, delay_s=0.0, alone=True)
        self._run(lambda: self._cells.started > before, seconds=enough_s)
        if self._cells.started == before and not self._faults():
            self._judge.fault(f"a job has waited for {enough_s:.0f} s while nobody did anything")
        self._come_to_rest(LEASES_TO_SETTLE * plan.lease_s + JOB_S)

    def _come_to_rest(self, seconds: float) -> None:
        """In time; and then nothing changes any more."""
        self._run(self._rests, seconds=seconds)
        if not self._faults():
            self._run(lambda: False, seconds=QUIET_S)
        if not self._faults():
            self._look_at_rest()

    def _stop(self) -> None:
        """Every machine stops when it is asked to."""
        for node in self._nodes:
            node.stop(again=False)
        if not self._run(lambda: not any(node.up for node in self._nodes), seconds=STOP_S):
            names = [node.process.name for node in self._nodes if node.up]
            self._judge.fault(f"{', '.join(names)} did not stop within {STOP_S:.0f} s")

    def _rests(self) -> bool:
        if self._cells.alive or not self._clients.at_rest():
            return False
        return not self._server.facts().live

    def _look_at_rest(self) -> None:
        for cell in self._cells.alive.values():
            self._judge.fault(f"{cell.name} lives on in {cell.link.process.name}")
        facts = self._server.facts()
        try:
            self._watcher.at_rest(facts)
        except ViolationError as fault:
            self._judge.fault(str(fault))
        for sentence in flow_faults(self._clients.flows, facts):
            self._judge.fault(sentence)
        turns = [Turn(*row.values()) for row in self._server.read(Q["ticks"], {})]
        for sentence in tick_faults(turns, facts.jobs, self._plan.every_s * 1_000_000):
            self._judge.fault(sentence)

    # ---- the steps of the plan -----------------------------------------------------------------

    def _take(self, step: Step) -> None:
        """Each step is a method of its name."""
        node = self._nodes[step.which % len(self._nodes)]
        getattr(self, f"_{step.kind}")(step, node)

    def _push(self, step: Step, _node: Node) -> None:
        for _ in range(1 + step.which % BURST):
            delay_s = step.amount * 20 if step.which % 5 == 0 else 0.0
            self._clients.push(step.which // 5, delay_s=delay_s)

    def _flow(self, step: Step, _node: Node) -> None:
        self._clients.push_flow(step.which)

    def _cancel(self, step: Step, _node: Node) -> None:
        self._clients.cancel(step.which, force=False)

    def _force(self, step: Step, _node: Node) -> None:
        self._clients.cancel(step.which, force=True)

    def _wait(self, step: Step, _node: Node) -> None:
        self._clients.wait(step.which)

    def _crash(self, _step: Step, node: Node) -> None:
        node.crash()

    def _freeze(self, step: Step, node: Node) -> None:
        node.freeze(self._long(step))

    def _cut(self, step: Step, node: Node) -> None:
        node.cut(self._long(step))

    def _restart(self, _step: Step, node: Node) -> None:
        node.stop()

    def _skew(self, step: Step, node: Node) -> None:
        node.clock.wrong_by_s = (2 * step.amount - 1) * self._plan.skew_s

    def _leap(self, step: Step, _node: Node) -> None:
        """A clock that is set back is not among them: who is silent is then found late."""
        leap_s = self._plan.lease_s * 5 * step.amount
        self._judge.tell("all", f"the clock of the database jumps by {leap_s:.1f} s")
        self._database_clock.wrong_by_s += leap_s

    def _away(self, step: Step, _node: Node) -> None:
        self._judge.tell("all", f"the database is away for {self._long(step):.1f} s")
        self._network.weather.away_until_s = self._loop.time() + self._long(step)

    def _deaf(self, step: Step, _node: Node) -> None:
        self._network.weather.deaf_until_s = self._loop.time() + self._long(step)

    def _long(self, step: Step) -> float:
        """Often short, sometimes longer than a lease."""
        return step.amount**3 * 2.5 * self._plan.lease_s


def _rng(what: str, plan: Plan) -> Random:
    """Each has its own, so that none sees what another draws."""
    return Random(f"{what} {plan.seed}")  # noqa: S311  (no secret)


def _name(duties: Duties, number: int) -> str:
    return f"worker{number}" if duties.slots else f"scheduler{number}"

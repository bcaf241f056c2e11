"""A machine: its process runs the product's services, dies, freezes, is cut off, comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from tests.sim.cluster.cells import Cells, SimRunner
from tests.sim.cluster.flows import PlainEvaluators
from tests.sim.cluster.judge import Judge
from tests.sim.cluster.loop import Condition, Process, SimLoop
from tests.sim.cluster.network import Link, Network
from windmill_lite.base.errors import Unavailable
from windmill_lite.base.service import Service, Ticker
from windmill_lite.engine import rescue
from windmill_lite.engine.world import World
from windmill_lite.model.worker import Worker
from windmill_lite.scheduler.cleaner import Cleaner
from windmill_lite.scheduler.contact import Contact
from windmill_lite.scheduler.leader import Leader
from windmill_lite.scheduler.periodic import Periodic
from windmill_lite.scheduler.rescuer import Rescuer
from windmill_lite.scheduler.sweeper import Sweeper
from windmill_lite.scheduler.waker import Waker
from windmill_lite.worker.environment import Place
from windmill_lite.worker.heartbeat import Heartbeat
from windmill_lite.worker.heir import Heir
from windmill_lite.worker.loop import ClaimLoop
from windmill_lite.worker.roster import Roster
from windmill_lite.worker.seats import Looks
from windmill_lite.worker.slot import Bench

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
PLACE = Place("http://here.test", "http://127.0.0.1:1")
KEY = b"the key of the instance"
RESTART_S = 1.0  # what a supervisor waits
STOP_S = 300.0  # then it kills


@dataclass(slots=True)
class NodeClock:
    """The loop's time; the wall clock of a machine may be wrong."""

    loop: SimLoop
    wrong_by_s: float = 0.0

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.loop.time() + self.wrong_by_s)

    def monotonic_s(self) -> float:
        return self.loop.time()


def world_of(link: Link, clock: NodeClock, lease_s: float) -> World:
    return World(link, clock, KEY, PLACE.base_url, lease_s, expressions=PlainEvaluators())


@dataclass(frozen=True, slots=True)
class Site:
    """What all machines share."""

    loop: SimLoop
    network: Network
    cells: Cells
    judge: Judge
    lease_s: float
    solo: bool


@dataclass(frozen=True, slots=True)
class Duties:
    """Which roles a machine has."""

    slots: int = 0  # of its worker; 0: none
    scheduler: bool = False
    drain_s: float = 5.0


@dataclass(slots=True)
class SimSeats:
    """Of a machine: a process is gone, with all its cells, before the next one starts."""

    empty: list[UUID] = field(default_factory=list)

    def look(self, *, but: UUID | None = None) -> Looks:
        return Looks(dead=tuple(self.empty), alive=())

    def forget(self, worker_id: UUID) -> None:
        self.empty.remove(worker_id)


@dataclass(eq=False, slots=True)
class Node:
    """`boot` first; then whatever happens to a machine."""

    site: Site
    name: str
    number: int
    duties: Duties
    clock: NodeClock
    boots: int = 0
    process: Process = field(default_factory=lambda: Process("nothing"))
    link: Link | None = None
    services: list[Service] = field(default_factory=list)
    seats: SimSeats = field(default_factory=SimSeats)
    stopping: bool = False

    @property
    def up(self) -> bool:
        return self.link is not None and self.process.condition is not Condition.DEAD

    def boot(self) -> None:
        if self.up:
            return
        if self.boots:
            self.seats.empty.append(self._worker_id(self.boots))
        self.boots += 1
        self.stopping = False
        self.process = Process(f"{self.name}.{self.boots}")
        self.link = Link(self.site.network, self.process, solo=self.site.solo)
        self.services = []
        self.site.judge.tell(self.process.name, "starts")
        self.site.loop.spawn(self.process, self._start(self.process, self.link))

    def crash(self) -> None:
        """As `kill -9`; the supervisor starts it again."""
        if self.up and self.link is not None:
            self.site.judge.tell(self.process.name, "is killed")
            self.site.loop.kill(self.process)
            self.site.cells.die_with(self.link)
            self.site.network.links.remove(self.link)
            self.site.network.later(RESTART_S, self.boot)

    def freeze(self, seconds: float) -> None:
        """As SIGSTOP, and SIGCONT later."""
        if self.up:
            self.site.judge.tell(self.process.name, f"is frozen for {seconds:.1f} s")
            self.site.loop.freeze(self.process)
            self.site.network.later(seconds, self.site.loop.thaw, self.process)

    def cut(self, seconds: float) -> None:
        """Nothing from and to the database."""
        if self.link is not None:
            self.site.judge.tell(self.process.name, f"is cut off for {seconds:.1f} s")
            self.link.cut_until_s = self.site.loop.time() + seconds

    def stop(self, *, again: bool = True) -> None:
        """As SIGTERM of a rolling restart."""
        if self.up and not self.stopping:
            self.stopping = True
            self.site.judge.tell(self.process.name, "is asked to stop")
            self.site.loop.spawn(self.process, self._stop(self.process, again=again))
            self.site.network.later(STOP_S, self._kill_if_it_lives, self.process)

    async def _start(self, process: Process, link: Link) -> None:
        world = world_of(link, self.clock, self.site.lease_s)
        if world.solo:
            await rescue.rescue_after_restart(world)
        self.services += self._services(world, link)
        try:
            for service in self.services:
                await service.start()
        except Unavailable as refusal:
            self.site.judge.tell(process.name, f"cannot start: {refusal}")
            self.site.network.later(0.0, self.crash)

    def _services(self, world: World, link: Link) -> list[Service]:
        """In the order of the composition root."""
        services: list[Service] = []
        if self.duties.scheduler:
            contact = Contact()
            chores: list[Ticker] = [Waker(world), Sweeper(world), Cleaner(world)]
            if not world.solo:
                chores.append(Rescuer(world, contact))
            services += [Periodic(world), Leader(world, chores, contact)]
        if self.duties.slots:
            now = world.now()
            worker_id = self._worker_id(self.boots)
            if not world.solo:
                services.append(Heir(world, self.seats, worker_id))
            where = (self.process.name, self.name, ("python3", "flow"), self.duties.slots)
            roster = Roster(Worker(worker_id, *where, "0", "none", now, now))
            runner = SimRunner(self.site.cells, link)
            loop = ClaimLoop(Bench(world, roster, runner, PLACE), drain_s=self.duties.drain_s)
            services += [Heartbeat(world, roster, runner.trust_until), loop]
        return services

    def _worker_id(self, boot: int) -> UUID:
        return UUID(int=self.number << 64 | boot)

    async def _stop(self, process: Process, *, again: bool) -> None:
        for service in reversed(self.services):
            await service.stop()
        self.site.judge.tell(process.name, "has stopped")
        self.site.network.later(0.0, partial(self._leave, process, again=again))

    def _leave(self, process: Process, *, again: bool) -> None:
        if self.process is not process or self.link is None or not self.up:
            return
        self.site.loop.kill(process)
        self.site.cells.die_with(self.link)
        self.site.network.links.remove(self.link)
        if again:
            self.site.network.later(RESTART_S, self.boot)

    def _kill_if_it_lives(self, process: Process) -> None:
        if self.process is process and self.up:
            self.crash()

"""A worker over a real database of either kind, with a runner that does what the test says."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from tests.conftest import BOTH
from tests.worker._stage import PATIENCE_S, Shaky, Stage
from windmill_lite.base.clock import SystemClock
from windmill_lite.base.config import DEFAULT_TAGS
from windmill_lite.base.sealed import new_key
from windmill_lite.engine import accounts, push, watch, workspaces
from windmill_lite.engine.values.vault import Vault
from windmill_lite.engine.world import World, open_world
from windmill_lite.model.identity import Identity
from windmill_lite.model.job import JobRecord, Preview, RunOptions
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.port import Db
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope
from windmill_lite.worker.environment import Place
from windmill_lite.worker.heartbeat import Heartbeat
from windmill_lite.worker.loop import ClaimLoop
from windmill_lite.worker.roster import Roster
from windmill_lite.worker.runner import Runner
from windmill_lite.worker.slot import Bench

ADA = Scope(Identity("main", "ada", "ada@here.test", is_admin=True))
PLACE = Place("http://here.test", "http://127.0.0.1:1")


@pytest.fixture
def shaky(db: Db) -> Shaky:
    """The database, until the test takes it away."""
    return Shaky(db)


@pytest.fixture
async def world(shaky: Shaky) -> AsyncIterator[World]:
    found = (await open_office(shaky)).world
    yield found
    await found.expressions.stop()


@pytest.fixture
def stage() -> Stage:
    return Stage()


@dataclass
class Office:
    """Where jobs are asked for and looked at, by the admin of `main`."""

    world: World

    async def push(
        self, code: str = "def main(): pass", language: str = "python3", **options: Any
    ) -> UUID:
        preview = Preview(code, language)
        return await push.run_preview(
            self.world, ADA, preview, args={}, options=RunOptions(**options)
        )

    async def read(self, job_id: UUID) -> JobRecord:
        async with self.world.db.view() as view:
            record = await jobs.get(view, ADA, job_id)
        assert record is not None, "the job is not there"
        return record

    async def log(self, job_id: UUID) -> str:
        async with self.world.db.view() as view:
            text = await jobs.logs(view, ADA, job_id)
        assert text is not None
        return text

    async def done(self, job_id: UUID, patience_s: float = PATIENCE_S) -> JobRecord:
        """The job once it has ended."""
        record = await watch.wait(self.world, ADA, job_id, patience_s)
        assert record is not None, await self.read(job_id)
        return record

    async def has_logged(self, job_id: UUID, text: str) -> None:
        """Returns when the log holds the text, while the job runs."""
        async with asyncio.timeout(PATIENCE_S):
            with self.world.db.bell.listen(f"job:{job_id}") as ear:
                while text not in await self.log(job_id):
                    await ear.wait(PATIENCE_S)


async def open_office(db: Db) -> Office:
    """A world with the admin and the workspace in which all of it happens."""
    world = await open_world(db, SystemClock(), PLACE.base_url, vault=Vault(new_key()))
    email = ADA.identity.email
    await accounts.make_account(world, email=email, password=None, name=None, super_admin=False)
    await workspaces.make(world, id="main", name="Main", owner=email, username="ada")
    return Office(world)


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


@dataclass
class Crew:
    """One worker's services."""

    world: World
    runner: Runner
    slots: int = 2
    drain_s: float = PATIENCE_S
    name: str = "one"
    roster: Roster = field(init=False)
    heartbeat: Heartbeat = field(init=False)
    loop: ClaimLoop = field(init=False)

    def __post_init__(self) -> None:
        now = self.world.now()
        tags = DEFAULT_TAGS
        worker = Worker(uuid4(), self.name, "here", tags, self.slots, "0", "none", now, now)
        self.roster = Roster(worker)
        self.heartbeat = Heartbeat(self.world, self.roster, self.runner.trust_until)
        bench = Bench(self.world, self.roster, self.runner, PLACE)
        self.loop = ClaimLoop(bench, drain_s=self.drain_s)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Crew]:
        """In the order in which the process starts and stops them."""
        async with AsyncExitStack() as undo:
            for service in (self.heartbeat, self.loop):
                undo.push_async_callback(service.stop)
                await service.start()
            yield self


Hiring = Callable[..., Awaitable[Crew]]


@pytest.fixture
async def hire(world: World, stage: Stage) -> AsyncIterator[Hiring]:
    """`await hire(slots=1)` is a worker at work until the test ends."""
    async with AsyncExitStack() as undo:

        async def hired(runner: Runner | None = None, **more: Any) -> Crew:
            crew = Crew(more.pop("world", world), runner or stage, **more)
            return await undo.enter_async_context(crew.working())

        undo.callback(stage.end_all)
        yield hired
        stage.end_all()


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=BOTH)
async def shop(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[object]:
    from tests.worker._shop import opened  # it imports this file

    directory = tmp_path_factory.mktemp("shop")
    if request.param == "sqlite":
        path = directory / "windmill-lite.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        async with opened(f"sqlite:///{path}", directory) as found:
            yield found
        return
    clones = request.getfixturevalue("postgres_clones")
    name = clones.take()
    async with opened(request.getfixturevalue("postgres_server").dsn(name), directory) as found:
        yield found
    clones.give_back(name)

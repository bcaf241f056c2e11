"""A world over a real database of either kind, with a clock that only moves when it is told to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests._time import share_time
from windmill_lite.base import passwords
from windmill_lite.base.sealed import new_key
from windmill_lite.engine import deploy, push, setup
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.login import authenticate, enter
from windmill_lite.engine.ping import register
from windmill_lite.engine.values.vault import Vault
from windmill_lite.engine.world import World, open_world
from windmill_lite.model.identity import Identity
from windmill_lite.model.job import Claim, JobRecord, Preview, RunOptions
from windmill_lite.model.script import NewScript
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.port import Db
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope

PASSWORD = "correct horse battery"


@dataclass
class JumpingClock:
    """Stands still until `jump`."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    elapsed_s: float = 0.0

    def now(self) -> datetime:
        return self.moment

    def monotonic_s(self) -> float:
        return self.elapsed_s

    def jump(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.elapsed_s += seconds


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes a password slow to guess makes a thousand tests slow to run."""
    monkeypatch.setattr(passwords, "COST", (16, 1, 1))


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def shared_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's clock jumps with ours."""
    share_time(monkeypatch)


@pytest.fixture
async def world(db: Db, clock: JumpingClock) -> AsyncIterator[World]:
    found = await open_world(db, clock, "http://here.test", vault=Vault(new_key()))
    yield found
    await found.expressions.stop()


@pytest.fixture
async def admin(world: World) -> Scope:
    """The first admin, in the workspace that came with the account."""
    token = await setup.new_setup_token(world)
    assert token is not None
    session = await setup.set_up(
        world, setup_token=token, email="ada@here.test", password=PASSWORD, name="Ada"
    )
    return await enter(world, await authenticate(world, session), "main")


@pytest.fixture
def bob() -> Scope:
    """A member who is no admin. Reads and runs ask no more than the scope itself."""
    return Scope(Identity(workspace="main", username="bob", email="bob@here.test"))


def worker_named(name: str, *, now: int, tags: tuple[str, ...] = ("python3",)) -> Worker:
    return Worker(
        id=UUID(int=sum(name.encode())),
        name=name,
        host="here",
        tags=tags,
        slots=2,
        version="0",
        sandbox="none",
        started_at=now,
        last_seen_at=now,
    )


@pytest.fixture
async def worker(world: World) -> Worker:
    found = worker_named("one", now=world.now())
    await register(world, found)
    return found


Pushing = Callable[..., Awaitable[UUID]]


@pytest.fixture
def push_preview(world: World, admin: Scope) -> Pushing:
    async def run(scope: Scope = admin, *, tag: str | None = None, **options: object) -> UUID:
        preview = Preview("def main(): pass", "python3", tag=tag)
        return await push.run_preview(
            world,
            scope,
            preview,
            args={"x": 1},
            options=RunOptions(**options),  # type: ignore[arg-type]
        )

    return run


async def claim_one(world: World, worker: Worker) -> Claim:
    found = await claim(world, Ask(worker.id, worker.tags, 1))
    assert len(found) == 1, "nothing to claim"
    return found[0]


async def read(world: World, scope: Scope, job_id: UUID) -> JobRecord:
    async with world.db.view() as view:
        record = await jobs.get(view, scope, job_id)
    assert record is not None, "the job is not there"
    return record


async def log_of(world: World, scope: Scope, job_id: UUID) -> str:
    async with world.db.view() as view:
        text = await jobs.logs(view, scope, job_id)
    assert text is not None
    return text


async def deploy_script(
    world: World, scope: Scope, path: str = "f/ops/hello", content: str = "", **more: object
) -> str:
    new = NewScript(
        path=path,
        content=content or "def main(name: str, count: int = 1):\n    return name * count\n",
        language="python3",
        **more,  # type: ignore[arg-type]
    )
    return await deploy.create_script(world, scope, new)

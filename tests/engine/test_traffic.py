"""What a job costs in statements, round trips and commits: what is added is added to every job."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests._driver import Traffic, counted
from tests.engine._schedules import HOUR_S, Making, make
from tests.engine.conftest import PASSWORD, JumpingClock, deploy_script
from tests.engine.test_queue import report
from windmill_lite.base.errors import Unauthenticated
from windmill_lite.engine import finish, logbook, push, schedule, watch
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.login import identify, log_in, log_out
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.identity import Login
from windmill_lite.model.job import JobKind, JobRecord, RunOptions
from windmill_lite.model.schedule import Schedule
from windmill_lite.model.worker import Worker
from windmill_lite.store.people.scope import Scope

__all__ = ["make"]

PATH = "f/ops/nothing"
JOBS = 8


@pytest.fixture(autouse=True)
def traffic() -> Iterator[Traffic]:
    """Of all that the test does; autouse, since it has to be there before anything is opened."""
    with counted() as found:
        yield found


def allowed(_: Login) -> None:
    """Nobody is refused."""


async def enqueue(world: World, admin: Scope) -> None:
    await push.run_path(world, admin, PATH, args={}, options=RunOptions())


@pytest.fixture
async def ready(world: World, admin: Scope) -> World:
    """A deployed script that has run before: whatever is done once was done."""
    await deploy_script(world, admin, PATH, "def main(): pass\n")
    await enqueue(world, admin)
    return world


async def test_a_job_is_asked_for_with_at_most_one_read_and_one_commit(
    traffic: Traffic, ready: World, admin: Scope
) -> None:
    before = traffic.copy()
    for _ in range(JOBS):
        await enqueue(ready, admin)
    expected = {
        "postgres": Traffic(statements=2 * JOBS, trips=2 * JOBS, commits=JOBS),
        "sqlite": Traffic(statements=2 * JOBS, trips=4 * JOBS, commits=JOBS),
    }
    assert traffic.since(before) == expected[ready.db.dialect]


async def test_what_comes_in_one_turn_of_the_loop_enters_at_once(
    traffic: Traffic, ready: World, admin: Scope
) -> None:
    facts = {"language": "python3", "tag": "python3", "raw_code": "def main(): pass"}
    jobs = [
        push.new_job(ready, admin, JobKind.PREVIEW, args={}, options=RunOptions(), **facts)
        for _ in range(JOBS)
    ]
    before = traffic.copy()
    entered = await asyncio.gather(*(ready.intake.enter(ready.db, job) for job in jobs))
    expected = {
        "postgres": ({True}, Traffic(statements=1, trips=1, commits=1)),
        "sqlite": ({True}, Traffic(statements=2 * JOBS, trips=4, commits=1)),
    }
    assert (set(entered), traffic.since(before)) == expected[ready.db.dialect]


async def test_many_that_are_asked_for_at_once_share_their_reads_and_commits(
    traffic: Traffic, ready: World, admin: Scope
) -> None:
    before = traffic.copy()
    await asyncio.gather(*(enqueue(ready, admin) for _ in range(64)))
    found = traffic.since(before)
    assert found.commits <= 64 // 2
    writes = {"postgres": found.commits, "sqlite": 2 * 64}
    assert found.statements - writes[ready.db.dialect] <= 2  # the first, and all the others


async def test_requests_with_one_token_at_once_share_what_is_read_of_it(
    traffic: Traffic, ready: World
) -> None:
    token = await log_in(ready, "ada@here.test", PASSWORD, address="here")
    before = traffic.copy()
    found = await asyncio.gather(*(identify(ready, token, "main", allowed) for _ in range(64)))
    assert {scope.identity.email for _, scope in found} == {"ada@here.test"}
    assert traffic.since(before) == Traffic(statements=2, trips=2)  # the first, and all the others
    before = traffic.copy()
    await identify(ready, token, "main", allowed)
    read = {"postgres": 1, "sqlite": 0}[ready.db.dialect]
    assert traffic.since(before) == Traffic(statements=read, trips=read)


async def test_nothing_that_was_revoked_replaced_or_has_expired_is_found_again(
    ready: World, admin: Scope, worker: Worker, clock: JumpingClock
) -> None:
    gone, late = [await log_in(ready, "ada@here.test", PASSWORD, address="here") for _ in "12"]
    for token in (gone, late):
        await identify(ready, token, "main", allowed)
    await log_out(ready, gone)
    with pytest.raises(Unauthenticated):
        await identify(ready, gone, "main", allowed)
    await identify(ready, late, "main", allowed)
    first = (await claim(ready, Ask(worker.id, worker.tags)))[0].job.script_hash
    newer = await deploy_script(ready, admin, PATH, "def main(): ...\n", parent_hash=first)
    await enqueue(ready, admin)
    assert (await claim(ready, Ask(worker.id, worker.tags)))[0].job.script_hash == newer
    clock.jump(limits.SESSION_S + 1)
    with pytest.raises(Unauthenticated, match="expired"):
        await identify(ready, late, "main", allowed)


async def test_the_life_of_a_job_changes_nothing_that_lasts(
    ready: World, admin: Scope, worker: Worker
) -> None:
    before = ready.db.changes
    await enqueue(ready, admin)
    (held,) = await claim(ready, Ask(worker.id, worker.tags))
    await finish.finish(ready, report(held.job.id, 1, log="said"), Ask(worker.id, worker.tags))
    assert ready.db.changes == before
    await deploy_script(ready, admin, "f/ops/other")
    assert (ready.db.changes == before) is (ready.db.dialect == "postgres")


@pytest.mark.parametrize("tags", [("python3",), ("python3", "bash", "gpu")])
async def test_a_job_ends_and_the_next_one_begins_in_one_commit(
    traffic: Traffic, ready: World, admin: Scope, worker: Worker, tags: tuple[str, ...]
) -> None:
    for _ in range(JOBS):
        await enqueue(ready, admin)
    ask = Ask(worker.id, tags)
    (held,) = await claim(ready, ask)
    before = traffic.copy()
    for _ in range(JOBS):
        settled = await finish.finish(ready, report(held.job.id, 1), ask)
        (held,) = settled.next
    expected = {
        "postgres": Traffic(statements=JOBS, trips=JOBS, commits=JOBS),
        "sqlite": Traffic(statements=4 * JOBS, trips=6 * JOBS, commits=JOBS),
    }
    assert traffic.since(before) == expected[ready.db.dialect]


async def test_who_waits_for_a_result_looks_twice_however_much_happens_to_the_job(
    ready: World, admin: Scope, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[asyncio.Event] = [asyncio.Event()]
    completed = watch._completed

    async def looking(*args: Any) -> JobRecord | None:
        found = await completed(*args)
        looks[-1].set()
        looks.append(asyncio.Event())
        return found

    monkeypatch.setattr(watch, "_completed", looking)
    ask = Ask(worker.id, worker.tags)
    (held,) = await claim(ready, ask)
    waiting = asyncio.create_task(watch.wait(ready, admin, held.job.id, 30.0))
    await looks[0].wait()
    for start in range(3):
        await logbook.append(ready, held.job.id, 1, start=start, chunk="x")
    await finish.finish(ready, report(held.job.id, 1), ask)
    record = await waiting
    assert record is not None
    assert record.completed
    assert len(looks) - 1 == 2


async def test_an_empty_queue_is_asked_in_one_transaction(
    traffic: Traffic, ready: World, worker: Worker
) -> None:
    ask = Ask(worker.id, ("python3",), 2)
    await claim(ready, ask)
    before = traffic.copy()
    assert await claim(ready, ask) == []
    expected = {
        "postgres": Traffic(statements=1, trips=1, commits=1),
        "sqlite": Traffic(statements=2, trips=4, commits=1),
    }
    assert traffic.since(before) == expected[ready.db.dialect]


async def test_a_worker_with_room_for_more_than_there_is_asks_once(
    traffic: Traffic, ready: World, admin: Scope, worker: Worker
) -> None:
    ask = Ask(worker.id, ("python3", "bash"), 4)
    await claim(ready, ask)
    await enqueue(ready, admin)
    before = traffic.copy()
    assert len(await claim(ready, ask)) == 1
    expected = {
        "postgres": Traffic(statements=1, trips=1, commits=1),
        "sqlite": Traffic(statements=4, trips=6, commits=1),
    }
    assert traffic.since(before) == expected[ready.db.dialect]


async def test_the_rights_of_one_person_are_read_once_for_what_is_due_at_once(
    world: World, clock: JumpingClock, make: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        await make(path=f"f/ops/s{number}")
    clock.jump(HOUR_S)
    looks = list[str]()
    plain = schedule.owner_of

    async def looking(view: Any, seen: Schedule) -> Scope:
        looks.append(seen.email)
        return await plain(view, seen)

    monkeypatch.setattr(schedule, "owner_of", looking)
    assert await schedule.tick(world) == 10
    assert len(looks) <= 2  # who comes first, and all who came while that was read

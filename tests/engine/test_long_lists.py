"""Lists over more jobs than one look takes in: nothing is missed, nothing told twice."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.engine.conftest import JumpingClock, Pushing, claim_one
from windmill_lite.base.errors import Invalid
from windmill_lite.engine import finish, push
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.identity import Identity
from windmill_lite.model.job import Finished, Outcome, Preview, RunOptions
from windmill_lite.model.page import JobFilter, Page
from windmill_lite.model.worker import Worker
from windmill_lite.store.people import runs
from windmill_lite.store.people.runs import Listing
from windmill_lite.store.people.scope import Scope

MANY = 12
LAST = Finished(Outcome.SUCCESS, "1", labels=("last",))


@pytest.fixture(autouse=True)
def short_sighted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list looks at four rows, two at a time."""
    monkeypatch.setattr(limits, "RUNS_LOOKED_MAX", 4)
    monkeypatch.setattr(runs, "_WINDOW_FIRST", 2)
    monkeypatch.setattr(runs, "_WINDOW_SECOND", 2)
    monkeypatch.setattr(runs, "_WINDOW", 2)


@pytest.fixture
async def twelve(
    world: World, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> list[UUID]:
    """Completed, the oldest first, two of each moment; the third failed."""
    made = []
    for number in range(MANY):
        made.append(await push_preview(job_id=UUID(int=number + 1)))
        claim = await claim_one(world, worker)
        ended = Finished(Outcome.FAILURE, "{}") if number == 2 else LAST
        await finish.finish(world, finish.Report(claim.job.id, claim.attempt, "one", ended))
        clock.jump(number % 2)
    return made


async def search(world: World, scope: Scope, page: Page, **question: object) -> Listing:
    async with world.db.view() as view:
        return await runs.search(view, scope, JobFilter(**question), page)  # type: ignore[arg-type]


def ids(listing: Listing) -> list[UUID]:
    return [job.id for job in listing.jobs]


@pytest.mark.parametrize("oldest_first", [False, True])
async def test_whoever_goes_on_finds_every_job_once(
    world: World, admin: Scope, twelve: list[UUID], *, oldest_first: bool
) -> None:
    found: list[UUID] = []
    bound: dict[str, object] = {}
    for _ in range(MANY):
        listing = await search(
            world, admin, Page(1, 100), worker="one", oldest_first=oldest_first, **bound
        )
        found += ids(listing)
        if listing.searched_until is None:
            break
        name = "created_after" if oldest_first else "created_before"
        bound = {name: listing.searched_until}
    assert found == (twelve if oldest_first else twelve[::-1])


async def test_a_list_says_how_far_it_looked(
    world: World, admin: Scope, twelve: list[UUID]
) -> None:
    listing = await search(world, admin, Page(), kinds=("script",))
    assert listing.jobs == []
    assert listing.searched_until is not None


async def test_a_full_page_says_nothing(world: World, admin: Scope, twelve: list[UUID]) -> None:
    listing = await search(world, admin, Page(1, 2))
    assert (ids(listing), listing.searched_until) == (twelve[:-3:-1], None)


@pytest.mark.parametrize(
    "question",
    [
        {"outcome": ("failure",)},
        {"outcome": ("failure",), "oldest_first": True},
        {"outcome": ("failure",), "created_before": 10**18},
    ],
)
async def test_what_few_have_is_found_however_old(
    world: World, admin: Scope, twelve: list[UUID], question: dict[str, object]
) -> None:
    listing = await search(world, admin, Page(), **question)
    assert (ids(listing), listing.searched_until) == ([twelve[2]], None)


async def test_a_member_finds_their_own_run_among_many_of_others(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    eve = Scope(Identity("main", "eve", "eve@here.test"))
    own = await push_preview(eve)
    await finish_all(world, worker, 1)
    clock.jump(1)
    for _ in range(MANY):
        await push_preview()
        await finish_all(world, worker, 1)
        clock.jump(1)
    listing = await search(world, eve, Page())
    assert (ids(listing), listing.searched_until) == ([own], None)


async def finish_all(world: World, worker: Worker, many: int) -> None:
    for _ in range(many):
        claim = await claim_one(world, worker)
        await finish.finish(world, finish.Report(claim.job.id, claim.attempt, "one", LAST))


@pytest.mark.parametrize("oldest_first", [False, True])
async def test_a_page_of_any_size_is_the_beginning_of_the_list(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock,
    monkeypatch: pytest.MonkeyPatch, *, oldest_first: bool
) -> None:  # fmt: skip
    monkeypatch.setattr(limits, "RUNS_LOOKED_MAX", 100)
    parent = await push_preview()
    made = [parent]
    for number in range(9):
        made.append(await push_preview(parent_id=parent if number % 3 else None))
        clock.jump(number % 2)
    await finish_all(world, worker, 7)
    whole = ids(await search(world, admin, Page(), oldest_first=oldest_first))
    assert set(whole) == set(made)
    for size in range(1, len(made) + 1):
        page = await search(world, admin, Page(1, size), oldest_first=oldest_first)
        assert (ids(page), page.searched_until) == (whole[:size], None)


async def test_jobs_are_listed_by_their_age_whatever_their_ids(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    made = []
    for id_ in (UUID(int=2**127), UUID(int=1), None, UUID(int=5)):
        made.append(await push_preview(job_id=id_))
        clock.jump(1)
    assert ids(await search(world, admin, Page(1, 3))) == made[:0:-1]
    await finish_all(world, worker, 3)
    assert ids(await search(world, admin, Page(1, 4))) == made[::-1]


async def test_a_page_that_is_too_deep_is_refused_and_one_beyond_the_end_is_empty(
    world: World, admin: Scope, twelve: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "RUNS_LOOKED_MAX", 100)
    monkeypatch.setattr(limits, "PAGE_DEPTH_MAX", 4)
    assert ids(await search(world, admin, Page(3, 2))) == twelve[7:5:-1]
    with pytest.raises(Invalid, match="created_before"):
        await search(world, admin, Page(4, 2))
    assert ids(await search(world, admin, Page(10**9, 2), outcome=("failure",))) == []


async def test_the_runs_below_many_paths_are_looked_for_by_age(
    world: World, admin: Scope, worker: Worker, clock: JumpingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = [await push_at(world, admin, f"f/ops/s{number % 3}") for number in range(4)]
    pushed.append(await push_at(world, admin, "f/opsx/s"))
    await finish_all(world, worker, 5)
    for most in (100, 2):
        monkeypatch.setattr(limits, "RUNS_BELOW_MAX", most)
        monkeypatch.setattr(limits, "RUNS_LOOKED_MAX", 100)
        assert set(ids(await search(world, admin, Page(), path_prefix="f/ops/"))) == set(pushed[:4])


async def push_at(world: World, scope: Scope, path: str) -> UUID:
    preview = Preview("def main(): pass", "python3", path=path)
    return await push.run_preview(world, scope, preview, args={}, options=RunOptions())


def test_the_end_of_a_range_of_paths_is_the_next_text() -> None:
    assert runs._past("f/a/") == "f/a0"
    assert runs._past("\ud7ff") == "\ue000"
    assert runs._past("a" + chr(0x10FFFF)) == "b"

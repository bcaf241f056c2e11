"""The runs list: every filter means what it says, on both sides of a job's end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from tests.engine.conftest import (
    JumpingClock,
    Pushing,
    claim_one,
    deploy_script,
)
from tests.engine.test_queue import report
from windmill_lite.engine import finish, push
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.identity import Identity
from windmill_lite.model.job import Finished, Outcome, RunOptions
from windmill_lite.model.page import JobFilter, Page
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.port import Query, Row, Value, View
from windmill_lite.store.people import jobs, runs
from windmill_lite.store.people.scope import Scope

FAILED = Finished(Outcome.FAILURE, '{"error": {}}', labels=("red", "big"))
Listing = Callable[..., Awaitable[list[str]]]


@pytest.fixture
async def named(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> dict[UUID, str]:
    """Five jobs, a second apart: done, failed, script, running, queued."""
    names: dict[UUID, str] = {}
    names[await push_preview()] = "done"
    await claim_one(world, worker)
    clock.jump(1)
    names[await push_preview(parent_id=next(iter(names)))] = "failed"
    await claim_one(world, worker)
    for job_id, name in tuple(names.items()):
        ended = Finished(Outcome.SUCCESS, "1") if name == "done" else FAILED
        await finish.finish(world, report(job_id, 1, ended))
    clock.jump(1)
    await deploy_script(world, admin, options={"concurrent_limit": 1, "concurrency_key": "k"})
    script = await push.run_path(
        world, admin, "f/ops/hello", args={"name": "x"}, options=RunOptions(trigger_kind="webhook")
    )
    names[script] = "script"
    await claim_one(world, worker)
    await finish.finish(world, report(script, 1))
    clock.jump(1)
    names[await push_preview()] = "running"
    await claim_one(world, worker)
    clock.jump(1)
    names[await push_preview(tag="gpu")] = "queued"
    return names


@pytest.fixture
def listed(world: World, admin: Scope, named: dict[UUID, str]) -> Listing:
    async def ask(*, scope: Scope = admin, page: Page = Page(), **question: object) -> list[str]:  # noqa: B008
        async with world.db.view() as view:
            found = await jobs.list_jobs(view, scope, JobFilter(**question), page)  # type: ignore[arg-type]
        return [named[job.id] for job in found]

    return ask


ALL = ["queued", "running", "script", "failed", "done"]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ({}, ALL),
        ({"oldest_first": True}, ALL[::-1]),
        ({"running": True}, ["running"]),
        ({"running": False}, ["queued", "script", "failed", "done"]),
        ({"completed": True}, ["script", "failed", "done"]),
        ({"completed": False}, ["queued", "running"]),
        ({"outcome": ("success",)}, ["script", "done"]),
        ({"outcome": ("failure", "canceled")}, ["failed"]),
        ({"path": "f/ops/hello"}, ["script"]),
        ({"path_prefix": "f/"}, ["script"]),
        ({"path_prefix": "f/%"}, []),
        ({"kinds": ("script",)}, ["script"]),
        ({"kinds": ("preview", "script")}, ALL),
        ({"created_by": "ada"}, ALL),
        ({"created_by": "eve"}, []),
        ({"has_parent": True}, ["failed"]),
        ({"has_parent": False}, ["queued", "running", "script", "done"]),
        ({"tag": "gpu"}, ["queued"]),
        ({"worker": "one"}, ["running", "script", "failed", "done"]),
        ({"label": "red"}, ["failed"]),
        ({"label": "re"}, []),
        ({"trigger_kind": "webhook"}, ["script"]),
        ({"concurrency_key": "k"}, ["script"]),
        ({"concurrency_key": "other"}, []),
    ],
)
async def test_a_filter_finds_what_it_names(
    listed: Listing, question: dict[str, object], answer: list[str]
) -> None:
    assert await listed(**question) == answer


async def test_moments_bound_the_list(listed: Listing, clock: JumpingClock, world: World) -> None:
    second = 1_000_000
    now = world.now()
    assert await listed(created_after=now - 2 * second) == ["queued", "running"]
    assert await listed(created_before=now - 2 * second) == ["failed", "done"]
    assert await listed(started_after=now - 2 * second) == ["running"]
    assert await listed(completed_after=now - 3 * second) == ["script"]
    assert await listed(completed_before=now - 2 * second) == ["failed", "done"]
    assert await listed(scheduled_until=now - 1, running=False, completed=False) == []


async def test_pages_follow_each_other_over_both_sides(listed: Listing) -> None:
    pages = [await listed(page=Page(number, 2)) for number in (0, 1, 2, 3, 4)]
    assert pages == [ALL[:2], ALL[:2], ALL[2:4], ALL[4:], []]


async def test_a_member_sees_what_runs_from_folders_and_nothing_else(
    listed: Listing, bob: Scope
) -> None:
    assert await listed(scope=bob) == ["script"]


async def test_nobody_sees_another_workspace(listed: Listing) -> None:
    elsewhere = Scope(Identity("other", "ada", "ada@here.test", is_admin=True))
    assert await listed(scope=elsewhere) == []


class _Meanwhile(View):
    """A view that lets a job complete between the look for it and its reading."""

    def __init__(self, view: View, complete: Callable[[], Awaitable[object]]) -> None:
        self._view, self._complete = view, complete

    async def one(self, query: Query, **params: Value) -> Row | None:
        return await self._view.one(query, **params)

    async def all(self, query: Query, **params: Value) -> list[Row]:
        if query.name == "queued":
            await self._complete()
        return await self._view.all(query, **params)


@pytest.mark.parametrize(
    ("question", "answer"),
    [({}, ALL), ({"completed": False}, ["queued"]), ({"running": True}, [])],
)
async def test_a_job_that_completes_meanwhile_is_told_as_completed_or_not_at_all(
    world: World,
    admin: Scope,
    named: dict[UUID, str],
    question: dict[str, object],
    answer: list[str],
) -> None:
    running = next(id for id, name in named.items() if name == "running")
    async with world.db.view() as view:
        late = _Meanwhile(view, lambda: finish.finish(world, report(running, 1)))
        found = await jobs.list_jobs(late, admin, JobFilter(**question), Page())  # type: ignore[arg-type]
    assert [named[job.id] for job in found] == answer
    assert all(job.completed for job in found if job.id == running)


async def test_a_page_is_not_empty_because_what_was_on_it_completes_meanwhile(
    world: World, admin: Scope, named: dict[UUID, str]
) -> None:
    running = next(id for id, name in named.items() if name == "running")
    first = JobFilter(completed=False, oldest_first=True)
    async with world.db.view() as view:
        late = _Meanwhile(view, lambda: finish.finish(world, report(running, 1)))
        found = await jobs.list_jobs(late, admin, first, Page(size=1))
    assert [named[job.id] for job in found] == ["queued"]


async def test_a_page_whose_jobs_are_never_there_is_given_up(
    world: World, admin: Scope, named: dict[UUID, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    async def gone(_: View, __: Scope, spots: list[object], **___: object) -> list[object]:
        looks.append(len(spots))
        return []

    monkeypatch.setattr(runs, "_records", gone)
    async with world.db.view() as view:
        assert await jobs.list_jobs(view, admin, JobFilter(), Page(size=1)) == []
    assert looks == [1] * limits.RUNS_LOOKS_MAX

"""The lock of a version is written once, by whoever is first: a job of its own, or a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.conftest import Pushing, claim_one, worker_named
from windmill_lite.base.errors import Invalid, NotFound, TooLarge
from windmill_lite.engine import deploy, finish, push
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.dependencies import locks
from windmill_lite.engine.ping import register
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import (
    Claim,
    Finished,
    JobKind,
    Locking,
    NewJob,
    Outcome,
    Preview,
    RunOptions,
)
from windmill_lite.model.script import NewScript
from windmill_lite.store.machine import code
from windmill_lite.store.machine.code import Runnable
from windmill_lite.store.people.scope import Scope

NEW = NewScript(path="u/ada/x", content="import 'zod'", language="bun", schema={})


async def job_of(world: World, scope: Scope, hash_: str) -> NewJob:
    async with world.db.view() as view:
        runnable = await code.deployed(view, scope.workspace, NEW.path)
    assert isinstance(runnable, Runnable)
    job = push.script_job(world, scope, runnable, args={}, options=RunOptions())
    return job._replace(script_hash=hash_)


async def settled(world: World, job: NewJob, lock: str) -> str:
    return await locks.JobLocks(world, job).keep([NEW.content], lock)


async def stored(world: World, scope: Scope, hash_: str) -> str | None:
    async with world.db.view() as view:
        script = await code.version(view, scope.workspace, hash_)
    assert script is not None
    return script.lock


async def test_the_first_lock_of_a_version_is_the_last(world: World, admin: Scope) -> None:
    hash_ = await deploy.create_script(world, admin, NEW)
    job = await job_of(world, admin, hash_)
    assert await settled(world, job, "first") == "first"
    assert await settled(world, job, "second") == "first"
    assert await stored(world, admin, hash_) == "first"


async def test_a_lock_that_was_deployed_stays(world: World, admin: Scope) -> None:
    hash_ = await deploy.create_script(world, admin, replace(NEW, lock="given"))
    job = await job_of(world, admin, hash_)
    assert await settled(world, job, "found") == "given"


async def test_code_that_was_never_deployed_has_what_was_found(
    world: World, admin: Scope, push_preview: Pushing
) -> None:
    hash_ = await deploy.create_script(world, admin, NEW)
    job = (await job_of(world, admin, hash_))._replace(script_hash=None)
    assert await settled(world, job, "found") == "found"
    assert await stored(world, admin, hash_) is None


async def test_the_same_script_again_is_no_new_version_though_its_lock_was_found(
    world: World, admin: Scope
) -> None:
    hash_ = await deploy.create_script(world, admin, NEW)
    await settled(world, await job_of(world, admin, hash_), "found")
    again = replace(NEW, parent_hash=hash_)
    assert await deploy.create_script(world, admin, again, skip_if_noop=True) == hash_


async def test_a_lock_beyond_its_bound_is_refused(world: World, admin: Scope) -> None:
    hash_ = await deploy.create_script(world, admin, NEW)
    job = await job_of(world, admin, hash_)
    with pytest.raises(TooLarge):
        await settled(world, job, "x" * (limits.CODE_BYTES_MAX + 1))


async def finder(world: World, tag: str = "bun") -> Claim:
    """The job that finds a lock, claimed."""
    worker = worker_named("finder", now=world.now(), tags=(tag,))
    await register(world, worker)
    found = await claim_one(world, worker)
    assert found.job.kind is JobKind.DEPENDENCIES
    return found


async def report(world: World, found: Claim, locking: Locking | None, *, good: bool = True) -> bool:
    outcome = Outcome.SUCCESS if good else Outcome.FAILURE
    result = '{"lock":"found"}' if good else '{"error":{"name":"BuildError","message":"no"}}'
    finished = Finished(outcome, result, locking=locking)
    told = finish.Report(found.job.id, found.attempt, "finder", finished)
    return (await finish.finish(world, told)).accepted


async def test_a_version_that_needs_packages_comes_with_a_job_that_finds_its_lock(
    world: World, admin: Scope
) -> None:
    hash_ = await deploy.create_script(world, admin, NEW)
    assert await stored(world, admin, hash_) is None
    found = await finder(world)
    assert (found.job.path, found.job.script_hash, found.code) == (NEW.path, hash_, NEW.content)
    assert found.job.permissioned_as == "u/ada"
    assert await report(world, found, Locking("found"))
    assert await stored(world, admin, hash_) == "found"


async def test_its_job_waits_for_the_workers_of_the_version(world: World, admin: Scope) -> None:
    await deploy.create_script(world, admin, replace(NEW, tag="gpu"))
    assert (await finder(world, "gpu")).job.tag == "gpu"


@pytest.mark.parametrize(
    ("language", "content"),
    [
        ("bun", "import fs from 'fs'"),
        ("python3", "import os\nimport wmill\n"),
        ("bash", "echo import zod"),
    ],
)
async def test_a_version_that_needs_none_has_its_lock_at_once_and_no_job(
    world: World, admin: Scope, language: str, content: str
) -> None:
    new = replace(NEW, language=language, content=content)
    hash_ = await deploy.create_script(world, admin, new)
    assert await stored(world, admin, hash_) == ""
    worker = worker_named("finder", now=world.now(), tags=(language,))
    await register(world, worker)
    assert await claim(world, Ask(worker.id, worker.tags)) == []


async def test_python_that_imports_a_package_needs_one(world: World, admin: Scope) -> None:
    content = "import pandas\ndef main(): ...\n" + "# padding\n" * 1_000
    hash_ = await deploy.create_script(
        world, admin, replace(NEW, language="python3", content=content)
    )
    assert await stored(world, admin, hash_) is None
    assert (await finder(world, "python3")).code == content


async def test_what_is_no_package_of_a_registry_is_refused_with_the_deployment(
    world: World, admin: Scope
) -> None:
    new = replace(NEW, language="python3", content="#requirements:\n#x @ file:///etc\n")
    with pytest.raises(Invalid, match="is no package of a registry"):
        await deploy.create_script(world, admin, new)


async def test_a_run_does_not_wait_for_the_job_and_its_lock_is_the_first(
    world: World, admin: Scope
) -> None:
    hash_ = await deploy.create_script(world, admin, NEW)
    found = await finder(world)
    job = await job_of(world, admin, hash_)
    assert await settled(world, job, "of the run") == "of the run"
    assert await report(world, found, Locking("of the job"))
    assert await stored(world, admin, hash_) == "of the run"


async def test_a_version_without_a_possible_lock_does_not_run_and_the_one_before_does(
    world: World, admin: Scope
) -> None:
    first = await deploy.create_script(world, admin, replace(NEW, lock="good"))
    second = await deploy.create_script(world, admin, replace(NEW, parent_hash=first))
    assert await report(world, await finder(world), Locking(None, "no such package"), good=False)
    async with world.db.view() as view:
        script = await code.version(view, "main", second)
        runnable = await code.deployed(view, "main", NEW.path)
    assert script is not None
    assert (script.lock, script.lock_error) == (None, "no such package")
    assert runnable is not None
    assert runnable.hash == first
    with pytest.raises(NotFound, match="no such package"):
        await push.run_hash(world, admin, second, args={}, options=RunOptions())


async def test_a_first_version_without_a_possible_lock_is_refused_with_the_reason(
    world: World, admin: Scope
) -> None:
    await deploy.create_script(world, admin, NEW)
    assert await report(world, await finder(world), Locking(None, "no such package"), good=False)
    with pytest.raises(NotFound, match="no such package"):
        await push.run_path(world, admin, NEW.path, args={}, options=RunOptions())


async def test_the_same_script_again_is_a_new_version_when_the_last_found_no_lock(
    world: World, admin: Scope
) -> None:
    hash_ = await deploy.create_script(world, admin, NEW)
    assert await report(world, await finder(world), Locking(None, "registry away"), good=False)
    again = replace(NEW, parent_hash=hash_)
    assert await deploy.create_script(world, admin, again, skip_if_noop=True) != hash_


async def test_an_error_does_not_undo_the_lock_that_a_run_has_found(
    world: World, admin: Scope
) -> None:
    hash_ = await deploy.create_script(world, admin, NEW)
    found = await finder(world)
    await settled(world, await job_of(world, admin, hash_), "of the run")
    assert await report(world, found, Locking(None, "registry away"), good=False)
    assert await stored(world, admin, hash_) == "of the run"
    await push.run_hash(world, admin, hash_, args={}, options=RunOptions())


async def test_a_report_of_an_attempt_that_is_over_changes_no_lock(
    world: World, admin: Scope
) -> None:
    hash_ = await deploy.create_script(world, admin, NEW)
    found = await finder(world)
    assert not await report(world, found._replace(attempt=found.attempt + 1), Locking("late"))
    assert await stored(world, admin, hash_) is None


async def test_a_failure_that_says_nothing_of_the_lock_leaves_it_to_the_runs(
    world: World, admin: Scope
) -> None:
    hash_ = await deploy.create_script(world, admin, NEW)
    assert await report(world, await finder(world), None, good=False)
    await push.run_hash(world, admin, hash_, args={}, options=RunOptions())


async def test_a_script_whose_lock_is_being_found_can_be_deleted(
    world: World, admin: Scope
) -> None:
    hash_ = await deploy.create_script(world, admin, NEW)
    found = await finder(world)
    await deploy.delete_path(world, admin, NEW.path)
    assert await report(world, found, Locking("found"))
    assert (await stored(world, admin, hash_)) == "found"


async def test_code_that_is_not_deployed_has_a_job_of_the_same_kind(
    world: World, admin: Scope
) -> None:
    job_id = await push.run_dependencies(
        world, admin, Preview(NEW.content, "bun", "u/ada/x"), options=RunOptions()
    )
    found = await finder(world)
    assert (found.job.id, found.code, found.lock) == (job_id, NEW.content, None)
    assert await report(world, found, Locking("found"))


async def test_a_run_takes_the_lock_that_was_found_since_it_was_claimed(
    world: World, admin: Scope
) -> None:
    hash_ = await deploy.create_script(world, admin, NEW)
    kept = locks.JobLocks(world, await job_of(world, admin, hash_))
    assert await kept.known([NEW.content]) == ""
    assert await report(world, await finder(world), Locking("found"))
    assert await kept.known([NEW.content]) == "found"

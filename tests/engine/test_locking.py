"""The lock of a version is written once, by whoever is first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.conftest import Pushing
from windmill_lite.base.errors import TooLarge
from windmill_lite.engine import deploy, push
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import NewJob, RunOptions
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
    return replace(job, script_hash=hash_)


async def stored(world: World, scope: Scope, hash_: str) -> str | None:
    async with world.db.view() as view:
        script = await code.version(view, scope.workspace, hash_)
    assert script is not None
    return script.lock


async def test_the_first_lock_of_a_version_is_the_last(world: World, admin: Scope) -> None:
    hash_ = await deploy.create_script(world, admin, NEW)
    job = await job_of(world, admin, hash_)
    assert await deploy.settle_lock(world, job, "first") == "first"
    assert await deploy.settle_lock(world, job, "second") == "first"
    assert await stored(world, admin, hash_) == "first"


async def test_a_lock_that_was_deployed_stays(world: World, admin: Scope) -> None:
    hash_ = await deploy.create_script(world, admin, replace(NEW, lock="given"))
    job = await job_of(world, admin, hash_)
    assert await deploy.settle_lock(world, job, "found") == "given"


async def test_code_that_was_never_deployed_has_what_was_found(
    world: World, admin: Scope, push_preview: Pushing
) -> None:
    hash_ = await deploy.create_script(world, admin, NEW)
    job = replace(await job_of(world, admin, hash_), script_hash=None)
    assert await deploy.settle_lock(world, job, "found") == "found"
    assert await stored(world, admin, hash_) == ""


async def test_the_same_script_again_is_no_new_version_though_its_lock_was_found(
    world: World, admin: Scope
) -> None:
    hash_ = await deploy.create_script(world, admin, NEW)
    await deploy.settle_lock(world, await job_of(world, admin, hash_), "found")
    again = replace(NEW, parent_hash=hash_)
    assert await deploy.create_script(world, admin, again, skip_if_noop=True) == hash_


async def test_a_lock_beyond_its_bound_is_refused(world: World, admin: Scope) -> None:
    hash_ = await deploy.create_script(world, admin, NEW)
    job = await job_of(world, admin, hash_)
    with pytest.raises(TooLarge):
        await deploy.settle_lock(world, job, "x" * (limits.CODE_BYTES_MAX + 1))

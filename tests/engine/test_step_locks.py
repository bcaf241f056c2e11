"""The lock of code that is a step of a flow, and no script of its own."""

from __future__ import annotations

from uuid import UUID

from tests.engine.conftest import JumpingClock
from tests.engine.test_locking import NEW, job_of
from windmill_lite.engine import deploy
from windmill_lite.engine.dependencies import locks
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import NewJob
from windmill_lite.store.people.scope import Scope


async def step_of(world: World, scope: Scope, hash_: str) -> NewJob:
    """The code of a step of a flow."""
    job = await job_of(world, scope, hash_)
    flow = UUID(int=7)
    return job._replace(script_hash=None, raw_code=NEW.content, parent_id=flow, step_id="a")


async def test_the_code_of_a_step_has_one_lock_for_good(
    world: World, admin: Scope, clock: JumpingClock
) -> None:
    job = await step_of(world, admin, await deploy.create_script(world, admin, NEW))
    kept = locks.JobLocks(world, job)
    assert await kept.known(["code", "imported"]) == ""
    assert await kept.keep(["code", "imported"], "first") == "first"
    assert await kept.keep(["code", "imported"], "second") == "first"
    clock.jump(30 * 24 * 3600)
    assert await kept.known(["code", "imported"]) == "first"
    assert await kept.known(["code", "imported anew"]) == ""
    assert await kept.known(["other code"]) == ""
    other = locks.JobLocks(world, job._replace(language="deno"))
    assert await other.known(["code", "imported"]) == ""


async def test_locks_of_steps_that_nobody_runs_are_forgotten(
    world: World, admin: Scope, clock: JumpingClock
) -> None:
    job = await step_of(world, admin, await deploy.create_script(world, admin, NEW))
    kept = locks.JobLocks(world, job)
    await kept.keep(["used"], "of the used")
    await kept.keep(["unused"], "of the unused")
    clock.jump(limits.CODE_LOCK_KEPT_S - 1)
    assert await kept.known(["used"]) == "of the used"
    clock.jump(2)
    await kept.keep(["new"], "of the new")
    assert await kept.known(["used"]) == "of the used"
    assert await kept.known(["unused"]) == ""

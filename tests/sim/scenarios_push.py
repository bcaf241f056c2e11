"""Pushing jobs of every kind."""

from __future__ import annotations

from uuid import UUID

from tests.sim.stage import ADA, Stage
from windmill_lite.base.errors import Busy
from windmill_lite.engine import deploy, push, setup
from windmill_lite.engine.world import World
from windmill_lite.model.job import RunOptions
from windmill_lite.model.script import NewScript

PATH = "f/ops/hello"
PASSWORD = "correct horse battery"


async def by_path(world: World, options: RunOptions) -> UUID:
    return await push.run_path(world, ADA, PATH, args={"name": "x"}, options=options)


async def inhabited(stage: Stage) -> None:
    """There is a workspace, and its admin."""
    await setup.first_account(stage.world, email=ADA.identity.email, password=PASSWORD)


async def deployed(stage: Stage) -> str:
    """The hash of a script under PATH."""
    await inhabited(stage)
    new = NewScript(PATH, "def main(name: str): return name", "python3")
    return await deploy.create_script(stage.world, ADA, new)


async def push_a_preview(stage: Stage) -> None:
    stage.arm()
    await stage.push()


async def push_what_is_deployed(stage: Stage) -> None:
    await deployed(stage)
    stage.arm()
    await stage.push(by_path)


async def push_one_version(stage: Stage) -> None:
    hash_ = await deployed(stage)

    async def by_hash(world: World, options: RunOptions) -> UUID:
        return await push.run_hash(world, ADA, hash_, args={"name": "x"}, options=options)

    stage.arm()
    await stage.push(by_hash)


async def push_for_later(stage: Stage) -> None:
    stage.arm()
    await stage.push(scheduled_for=stage.world.now() + 5_000_000)


async def push_within_a_limit(stage: Stage) -> None:
    await stage.push()
    stage.arm()
    await stage.push(queue_limit=5)


async def push_beyond_a_limit(stage: Stage) -> None:
    for _ in range(3):
        await stage.push()
    stage.arm()
    try:
        await stage.push(queue_limit=1)
    except Busy:
        return
    raise AssertionError("the limit was not heeded")


async def push_a_child(stage: Stage) -> None:
    parent = await stage.push()
    stage.arm()
    await stage.push(parent_id=parent, root_id=parent)


async def push_twice(stage: Stage) -> None:
    stage.arm()
    job_id = await stage.push()
    await stage.push_as(job_id)


async def push_three(stage: Stage) -> None:
    stage.arm()
    for _ in range(3):
        await stage.push()

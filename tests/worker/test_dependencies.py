"""The lock of a deployed script is found by a job of its own, in a real worker."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests._toolchains import needs
from tests.core.flow._build import flow, leaf
from tests.worker._shop import Shop
from tests.worker._stage import eventually
from tests.worker.conftest import ADA
from windmill_lite.base.ids import content_hash
from windmill_lite.engine import deploy, push
from windmill_lite.engine.dependencies import flows
from windmill_lite.engine.flows import deploy as deploy_flow
from windmill_lite.model.flow import NewFlow
from windmill_lite.model.job import (
    FlowPreview,
    JobRecord,
    Outcome,
    Preview,
    RunOptions,
)
from windmill_lite.model.page import JobFilter, Page
from windmill_lite.model.script import NewScript, Script
from windmill_lite.store.machine import code
from windmill_lite.store.people import runs, scripts

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

CODE = "import six  # pin: six==1.17.0\n\ndef main():\n    return six.__version__\n"


async def version(shop: Shop, hash_: str) -> Script:
    async with shop.office.world.db.view() as view:
        found = await scripts.by_hash(view, ADA, hash_)
    assert found is not None
    return found


def of_code(**texts: str) -> Any:
    return flow(
        *({"id": id, "value": leaf(id)["value"] | {"content": text}} for id, text in texts.items())
    )


async def finder(shop: Shop, path: str, kind: str = "dependencies") -> JobRecord:
    """The job that finds the lock, once it has ended."""
    asked, found = JobFilter(path=path, kinds=(kind,)), list[JobRecord]()

    async def listed() -> bool:
        async with shop.office.world.db.view() as view:
            found[:] = (await runs.search(view, ADA, asked, Page())).jobs
        return bool(found)

    await eventually(listed)
    return (await shop.end(found[0].id, 200)).record


@needs("uv")
async def test_a_version_is_locked_by_a_job_and_runs_with_what_was_locked(shop: Shop) -> None:
    world = shop.office.world
    new = NewScript(path="u/ada/six", content=CODE, language="python3")
    hash_ = await deploy.create_script(world, ADA, new)
    # Not waited for: the run finds the lock by itself, or finds it there.
    job_id = await push.run_path(world, ADA, "u/ada/six", args={}, options=RunOptions())
    found = await finder(shop, "u/ada/six")
    assert found.outcome is Outcome.SUCCESS, found.result
    script = await version(shop, hash_)
    assert script.lock is not None
    assert "six==1.17.0" in script.lock
    assert (await shop.end(job_id, 200)).result == "1.17.0"


@needs("uv")
async def test_a_version_that_cannot_be_locked_says_why(shop: Shop) -> None:
    content = "import windmill_lite_no_such_package\n\ndef main(): ...\n"
    new = NewScript(path="u/ada/none", content=content, language="python3")
    hash_ = await deploy.create_script(shop.office.world, ADA, new)
    found = await finder(shop, "u/ada/none")
    assert found.outcome is Outcome.FAILURE
    assert "windmill-lite-no-such-package" in (await shop.office.log(found.id))

    async def told() -> bool:
        return (await version(shop, hash_)).lock_error is not None

    await eventually(told)
    assert "windmill-lite-no-such-package" in ((await version(shop, hash_)).lock_error or "")


@needs("uv")
async def test_the_lock_of_code_is_the_result_of_its_job(shop: Shop) -> None:
    job_id = await push.run_dependencies(
        shop.office.world, ADA, Preview(CODE, "python3"), options=RunOptions()
    )
    ended = await shop.end(job_id, 200)
    assert "six==1.17.0" in ended.result["lock"]


@needs("uv")
@pytest.mark.namespaces
async def test_a_script_that_runs_often_finds_its_packages_imported(shop: Shop) -> None:
    world = shop.office.world
    content = "import six  # pin: six==1.17.0\n\ndef main():\n    return six.__file__\n"
    new = NewScript(path="u/ada/often", content=content, language="python3")
    await deploy.create_script(world, ADA, new)

    async def warm() -> bool:
        job_id = await push.run_path(world, ADA, "u/ada/often", args={}, options=RunOptions())
        # Where it is mounted for one cell, or where all cells of a server have it.
        return ".packages" not in (await shop.end(job_id, 200)).result

    await eventually(warm)


async def test_a_flow_whose_locks_cannot_be_found_says_which_step(shop: Shop) -> None:
    """Without a registry: what it imports of its workspace is not there."""
    gone = "import six\nfrom f.ops.gone import x\n\ndef main(): ...\n"
    await deploy_flow.create(shop.office.world, ADA, NewFlow("u/ada/gone", of_code(a=gone)))
    found = await finder(shop, "u/ada/gone", "flowdependencies")
    assert found.outcome is Outcome.FAILURE
    assert "step a: " in (found.result or "")
    assert "f/ops/gone" in (await shop.office.log(found.id))


@needs("uv")
async def test_the_steps_of_a_flow_are_locked_before_their_first_run(shop: Shop) -> None:
    world = shop.office.world
    value = of_code(a="def main(): return 1\n", b=CODE, c=CODE)
    await deploy_flow.create(world, ADA, NewFlow("u/ada/flow", value))
    found = await finder(shop, "u/ada/flow", "flowdependencies")
    assert found.outcome is Outcome.SUCCESS, found.result
    assert json.loads(found.result or "")["steps"] == ["b", "c"]
    assert "step b:" in (await shop.office.log(found.id))
    digest = content_hash("python3", CODE)
    async with world.db.view() as view:
        kept = await code.code_lock(view, "main", digest)
    assert kept is not None
    assert "six==1.17.0" in kept.lock
    asked = await flows.run(world, ADA, FlowPreview(value, "u/ada/flow"), options=RunOptions())
    told = (await shop.end(asked, 200)).result["updated_flow_value"]
    locks = [module["value"].get("lock") for module in told["modules"]]
    assert locks[0] is None
    assert ["six==1.17.0" in each for each in locks[1:]] == [True, True]

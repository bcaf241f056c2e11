"""Locks of the steps of a flow: looked for by one job of its deployment, kept where runs look."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.core.flow._build import flow, leaf, loop
from tests.engine.conftest import claim_one, worker_named
from windmill_lite.base.codec import dumps
from windmill_lite.core.jobs import results
from windmill_lite.engine import deploy as scripts
from windmill_lite.engine import finish
from windmill_lite.engine.dependencies import flows as locking
from windmill_lite.engine.dependencies import locks
from windmill_lite.engine.flows import deploy
from windmill_lite.engine.flows.deployed import visible_version
from windmill_lite.engine.ping import register
from windmill_lite.engine.world import World
from windmill_lite.model.flow import NewFlow
from windmill_lite.model.job import Finished, JobKind, JobRecord, Outcome
from windmill_lite.model.page import JobFilter, Page
from windmill_lite.model.script import NewScript
from windmill_lite.store.people import runs
from windmill_lite.store.people.scope import Scope

PATH = "f/ops/flow"
PANDAS = "import pandas\ndef main(): ..."


def code(id: str, content: str, **more: Any) -> Any:
    return {"id": id, "value": leaf(id)["value"] | {"content": content, **more}}


async def jobs_of(world: World, scope: Scope) -> list[JobRecord]:
    asked = JobFilter(path=PATH, kinds=("flowdependencies",))
    async with world.db.view() as view:
        return (await runs.search(view, scope, asked, Page())).jobs


NEEDY = [
    flow(code("a", PANDAS)),
    flow(loop("l", code("a", PANDAS), over="[1]")),
    flow(leaf("b"), failure_module=code("failure", PANDAS)),
    flow(leaf("b"), preprocessor_module=code("preprocessor", PANDAS)),
    flow(code("a", "import 'zod'", language="bun"), code("b", PANDAS)),
    # It is the job that says so: what may be deployed is not for the text of a step to decide.
    flow(code("a", "import x # pin: --index-url=http://here")),
]
NEEDLESS = [
    flow(leaf("a")),
    flow(code("a", "import json\ndef main(): ...")),
    flow(code("a", PANDAS, lock="pandas==2.2.3")),
]


@pytest.mark.parametrize("value", NEEDY)
async def test_a_flow_whose_steps_need_packages_comes_with_one_job(
    world: World, admin: Scope, value: Any
) -> None:
    id = await deploy.create(world, admin, NewFlow(PATH, value))
    (job,) = await jobs_of(world, admin)
    language = value["modules"][0]["value"].get("language", "python3")
    assert (job.kind, job.script_hash, job.tag) == (JobKind.FLOW_DEPENDENCIES, str(id), language)
    again = await deploy.update(world, admin, PATH, NewFlow(PATH, value, tag="gpu"))
    newest, _ = await jobs_of(world, admin)
    assert (newest.script_hash, newest.tag) == (str(again), "gpu")


@pytest.mark.parametrize("value", NEEDLESS)
async def test_a_flow_whose_steps_need_nothing_costs_no_job(
    world: World, admin: Scope, value: Any
) -> None:
    id = await deploy.create(world, admin, NewFlow(PATH, value))
    assert await jobs_of(world, admin) == []
    flow = await visible_version(world, admin, id)
    assert await locking.told(world, admin, flow) == locking.Told()


async def test_a_deployment_that_is_refused_leaves_no_job(world: World, admin: Scope) -> None:
    await deploy.create(world, admin, NewFlow(PATH, flow(leaf("a"))))
    with pytest.raises(Exception, match="already exists"):
        await deploy.create(world, admin, NewFlow(PATH, flow(code("a", PANDAS))))
    assert await jobs_of(world, admin) == []


async def test_what_the_job_finds_is_where_a_run_of_the_step_looks(
    world: World, admin: Scope
) -> None:
    new = NewScript(path="f/ops/tools", content="import six", language="python3", lock="six==1.17")
    await scripts.create_script(world, admin, new)
    text = "from f.ops.tools import six\nimport pandas"
    value = flow(leaf("n"), loop("l", code("a", text), over="[1]"))
    await deploy.create(world, admin, NewFlow(PATH, value))
    await register(world, worker := worker_named("w", now=world.now()))
    claim = await claim_one(world, worker)
    (step,) = await locking.steps_of(world, claim)
    assert (step.at, step.problem) == ("modules[1].value.modules[0]", None)
    assert dict(step.claim.imported) == {"f/ops/tools": "import six"}
    sources = [text, "import six"]
    await locks.JobLocks(world, step.claim.job).keep(sources, "the lock")
    # The step of a run has another id and another parent; its code is the same.
    run = step.claim.job._replace(id=UUID(int=1), parent_id=UUID(int=2), path="f/ops/other/a")
    assert await locks.JobLocks(world, run).known(sources) == "the lock"


async def test_a_step_that_imports_what_is_not_there_is_named(world: World, admin: Scope) -> None:
    gone = "import pandas\nfrom f.ops.gone import x"
    value = flow(code("a", gone), code("b", PANDAS))
    id = await deploy.create(world, admin, NewFlow(PATH, value))
    await register(world, worker := worker_named("w", now=world.now()))
    claim = await claim_one(world, worker)
    first, second = await locking.steps_of(world, claim)
    assert "f/ops/gone" in (first.problem or "")
    assert second.problem is None
    flow_version = await visible_version(world, admin, id)
    assert await locking.told(world, admin, flow_version) == locking.Told(claim.job.id)
    failed = Finished(Outcome.FAILURE, dumps(results.failed("BuildError", "step a: no f/ops/gone")))
    await finish.finish(world, finish.Report(claim.job.id, claim.attempt, "w", failed))
    told = await locking.told(world, admin, flow_version)
    assert told.error == "BuildError: step a: no f/ops/gone"


async def test_a_flow_that_is_gone_leaves_its_job_nothing_to_do(world: World, admin: Scope) -> None:
    await deploy.create(world, admin, NewFlow(PATH, flow(code("a", PANDAS))))
    await register(world, worker := worker_named("w", now=world.now()))
    claim = await claim_one(world, worker)
    await deploy.delete(world, admin, PATH)
    assert await locking.steps_of(world, claim) == ()

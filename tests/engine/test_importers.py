"""When a script is deployed, those that lead to it get the packages that it needs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.flow._build import leaf
from tests.engine.conftest import JumpingClock, worker_named
from tests.engine.test_imports import put
from windmill_lite.base.codec import loads
from windmill_lite.base.errors import TooLarge
from windmill_lite.engine import deploy, finish
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.dependencies import flows as locking
from windmill_lite.engine.flows import deploy as flows
from windmill_lite.engine.ping import register
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.flow import NewFlow
from windmill_lite.model.job import Claim, Finished, JobKind, Locking, Outcome
from windmill_lite.model.script import Script
from windmill_lite.model.worker import Worker
from windmill_lite.store.machine import code
from windmill_lite.store.people.scope import Scope

FLOW = "f/ops/flow"
TOOLS, MAIN, TOP = "f/ops/tools", "f/ops/main", "f/ops/top"


@pytest.fixture
async def finder(world: World) -> Worker:
    found = worker_named("finder", now=world.now())
    await register(world, found)
    return found


async def asked(world: World, finder: Worker) -> list[Claim]:
    """All jobs that find locks, by path."""
    found: list[Claim] = []
    while claims := await claim(world, Ask(finder.id, finder.tags)):
        found += claims
    return sorted(found, key=lambda each: each.job.path or "")


async def told(world: World, found: Claim, lock: str | None) -> None:
    because_of = loads(found.job.args, what="args").get("because_of")
    locking = Locking(lock, None if lock else "no", because_of=because_of)
    outcome = Outcome.SUCCESS if lock else Outcome.FAILURE
    error = '{"error":{"name":"BuildError","message":"no"}}'
    finished = Finished(outcome, "{}" if lock else error, locking=locking)
    report = finish.Report(found.job.id, found.attempt, "finder", finished)
    assert (await finish.finish(world, report)).accepted


async def head(world: World, path: str) -> Script:
    async with world.db.view() as view:
        found = await code.head(view, "main", path)
    assert found is not None
    return found


async def chain(world: World, admin: Scope) -> None:
    """top leads to main, and main to tools; none needs packages."""
    await put(world, admin, TOOLS, "x = 1\n")
    await put(world, admin, MAIN, "from .tools import x\n")
    await put(world, admin, TOP, "from f.ops.main import x\n")


async def test_all_that_lead_to_it_are_locked_anew(
    world: World, admin: Scope, finder: Worker, clock: JumpingClock
) -> None:
    await chain(world, admin)
    assert await asked(world, finder) == []
    before = await head(world, TOP)
    clock.jump(1)
    await put(world, admin, TOOLS, "import pandas\nx = 1\n")
    jobs = await asked(world, finder)
    assert [each.job.path for each in jobs] == [MAIN, TOOLS, TOP]
    assert [each.job.args for each in jobs] == [
        '{"because_of":"f/ops/tools"}',
        "{}",
        '{"because_of":"f/ops/tools"}',
    ]
    for each in jobs:
        await told(world, each, "pandas==3")
    after = await head(world, TOP)
    assert (after.lock, after.parent_hash, after.content) == (
        "pandas==3",
        before.hash,
        before.content,
    )
    assert after.deployment_message == "packages of f/ops/tools"
    assert (await head(world, TOOLS)).lock == "pandas==3"


async def test_nobody_is_asked_when_it_needs_what_it_needed(
    world: World, admin: Scope, finder: Worker
) -> None:
    await chain(world, admin)
    await put(world, admin, TOOLS, "import os\nx = 2\n")
    assert await asked(world, finder) == []


async def test_a_lock_that_is_the_same_makes_no_version(
    world: World, admin: Scope, finder: Worker
) -> None:
    await chain(world, admin)
    before = await head(world, MAIN)
    await put(world, admin, TOOLS, "import pandas\n")
    for each in await asked(world, finder):
        await told(world, each, before.lock if each.job.path == MAIN else "x==1")
    assert await head(world, MAIN) == before


async def test_a_lock_that_is_not_found_leaves_the_importer_as_it_was(
    world: World, admin: Scope, finder: Worker
) -> None:
    await chain(world, admin)
    before = await head(world, MAIN)
    await put(world, admin, TOOLS, "import nothing_like_it\n")
    for each in await asked(world, finder):
        await told(world, each, None)
    assert await head(world, MAIN) == before


async def test_an_importer_that_was_deployed_meanwhile_is_left_alone(
    world: World, admin: Scope, finder: Worker
) -> None:
    await chain(world, admin)
    await put(world, admin, TOOLS, "import pandas\n")
    jobs = await asked(world, finder)
    newer = await put(world, admin, MAIN, "from .tools import x\n\n# newer\n")
    for each in jobs:
        await told(world, each, "pandas==3")
    assert (await head(world, MAIN)).hash == newer


async def test_what_is_imported_may_come_later(world: World, admin: Scope, finder: Worker) -> None:
    await put(world, admin, MAIN, "from .tools import x\n")
    await put(world, admin, TOOLS, "import pandas\n")
    assert [each.job.path for each in await asked(world, finder)] == [MAIN, TOOLS]


async def test_the_packages_of_what_it_imports_are_needed_from_the_start(
    world: World, admin: Scope, finder: Worker
) -> None:
    await put(world, admin, TOOLS, "import pandas\n")
    await put(world, admin, MAIN, "from .tools import x\n")
    assert (await head(world, MAIN)).lock is None


async def test_circles_are_asked_once(world: World, admin: Scope, finder: Worker) -> None:
    await put(world, admin, MAIN, "from .tools import x\n")
    await put(world, admin, TOOLS, "from .main import y\n")
    await asked(world, finder)
    await put(world, admin, TOOLS, "from .main import y\nimport pandas\n")
    assert [each.job.path for each in await asked(world, finder)] == [MAIN, TOOLS]


async def test_an_importer_is_locked_with_the_rights_of_its_author(
    world: World, admin: Scope, finder: Worker, bob: Scope
) -> None:
    await put(world, admin, TOOLS, "x = 1\n")
    await put(world, admin, MAIN, "from .tools import x\n")
    super_bob = Scope(replace(bob.identity, is_admin=True))
    await put(world, super_bob, TOOLS, "import pandas\n")
    found = {each.job.path: each.job for each in await asked(world, finder)}
    assert (found[MAIN].created_by, found[MAIN].permissioned_as) == ("bob", "u/ada")
    assert found[MAIN].email == "ada@here.test"


async def test_archived_importers_are_not_asked(world: World, admin: Scope, finder: Worker) -> None:
    await chain(world, admin)
    await deploy.archive_path(world, admin, MAIN)
    await put(world, admin, TOOLS, "import pandas\n")
    assert [each.job.path for each in await asked(world, finder)] == [TOOLS, TOP]


async def test_an_import_that_is_gone_is_forgotten(
    world: World, admin: Scope, finder: Worker
) -> None:
    await chain(world, admin)
    await put(world, admin, MAIN, "x = 1\n")
    assert [each.job.path for each in await asked(world, finder)] == [TOP]
    await put(world, admin, TOOLS, "import pandas\n")
    assert [each.job.path for each in await asked(world, finder)] == [TOOLS]


async def test_too_many_importers_are_refused(
    world: World, admin: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chain(world, admin)
    monkeypatch.setattr(limits, "IMPORTERS_MAX", 1)
    with pytest.raises(TooLarge, match="more than 1 scripts and flows lead to f/ops/tools"):
        await put(world, admin, TOOLS, "import pandas\n")


async def flow_of(world: World, admin: Scope, content: str, path: str = FLOW) -> int:
    step = {"id": "a", "value": leaf("a")["value"] | {"content": content}}
    return await flows.create(world, admin, NewFlow(path, {"modules": [step]}))


async def test_the_steps_of_flows_that_lead_to_it_are_locked_anew(
    world: World, admin: Scope, finder: Worker, clock: JumpingClock
) -> None:
    await chain(world, admin)
    id = await flow_of(world, admin, "from f.ops.main import x\nimport pandas\n")
    (first,) = await asked(world, finder)
    await finish.finish(
        world,
        finish.Report(first.job.id, first.attempt, "finder", Finished(Outcome.SUCCESS, "{}")),
    )
    clock.jump(1)
    await put(world, admin, TOOLS, "x = 2\n")
    (job,) = await asked(world, finder)
    assert (job.job.kind, job.job.path, job.job.script_hash, job.job.tag) == (
        JobKind.FLOW_DEPENDENCIES,
        FLOW,
        str(id),
        "python3",
    )
    (step,) = await locking.steps_of(world, job)
    assert step.claim.imported[TOOLS] == "x = 2\n"
    clock.jump(1)
    await put(world, admin, TOOLS, "x = 2\n")
    assert await asked(world, finder) == [], "the same text"


async def test_a_flow_that_moved_or_is_archived_is_asked_where_it_is(
    world: World, admin: Scope, finder: Worker, clock: JumpingClock
) -> None:
    await chain(world, admin)
    await flow_of(world, admin, "from f.ops.main import x\n")
    step = {"id": "a", "value": leaf("a")["value"] | {"content": "from f.ops.main import x\n"}}
    await flows.update(world, admin, FLOW, NewFlow("f/ops/moved", {"modules": [step]}))
    await flow_of(world, admin, "def main(): ...\n")
    await flow_of(world, admin, "from f.ops.tools import x\n", "f/ops/old")
    await flows.set_archived(world, admin, "f/ops/old", archived=True)
    clock.jump(1)
    await put(world, admin, TOOLS, "x = 3\n")
    assert [each.job.path for each in await asked(world, finder)] == ["f/ops/moved"]

"""References are filled in with the rights of whoever refers, and no others."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from windmill_lite.base.errors import Invalid, NotFound, Unauthenticated
from windmill_lite.engine import push
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.values import references, resources, variables
from windmill_lite.engine.values.vault import NoKey, Vault
from windmill_lite.engine.world import World
from windmill_lite.model.job import NewJob, Preview, RunOptions
from windmill_lite.model.resource import NewResource
from windmill_lite.model.variable import NewVariable
from windmill_lite.model.worker import Worker
from windmill_lite.store.people.scope import Scope


@pytest.fixture(autouse=True)
async def kept(world: World, admin: Scope) -> None:
    for path, secret in (("f/ops/token", True), ("f/ops/city", False), ("u/ada/own", True)):
        new = NewVariable(path, f"value of {path}", is_secret=secret)
        await variables.create(world, admin, new)
    for path, value in (
        ("f/ops/db", {"host": "h", "password": "$var:f/ops/token"}),
        ("f/ops/both", ["$res:f/ops/db", "$var:f/ops/city"]),
        ("f/ops/bad", ["$res:f/ops/db", "$var:f/ops/none"]),
        ("f/ops/mine", "$var:u/ada/own"),
    ):
        new_resource = NewResource(path, json.dumps(value), "any")
        await resources.create(world, admin, new_resource)


async def test_a_resource_is_filled_in_all_the_way(world: World, admin: Scope) -> None:
    db = {"host": "h", "password": "value of f/ops/token"}
    assert await references.resource(world, admin, "f/ops/both") == [db, "value of f/ops/city"]
    token = await references.fill(world, admin, "$var:f/ops/token")
    assert token.value == "value of f/ops/token"


async def test_what_is_not_there_is_named(world: World, admin: Scope) -> None:
    with pytest.raises(NotFound, match="Variable not found at name f/ops/none"):
        await references.resource(world, admin, "f/ops/bad")
    with pytest.raises(NotFound, match="Resource not found at name f/ops/none"):
        await references.resource(world, admin, "f/ops/none")


async def test_a_resource_gives_nobody_rights_to_what_it_refers_to(
    world: World, bob: Scope
) -> None:
    with pytest.raises(NotFound, match="u/ada/own"):
        await references.resource(world, bob, "f/ops/mine")


async def test_the_secrets_in_it_are_told(world: World, admin: Scope) -> None:
    found = await references.fill(world, admin, ["$res:f/ops/both", "$var:u/ada/own"])
    assert set(found.secrets) == {"value of f/ops/token", "value of u/ada/own"}


async def test_encrypted_text_is_opened(world: World, admin: Scope) -> None:
    text = await variables.encrypt(world, admin, "hush")
    found = await references.fill(world, admin, {"x": f"$encrypted:{text}"})
    assert (found.value, found.secrets) == ({"x": "hush"}, ("hush",))
    with pytest.raises(Invalid, match="not encrypted with the key of this workspace"):
        await references.fill(world, admin, "$encrypted:AAAA")


async def test_a_chain_that_is_too_long_ends(world: World, admin: Scope) -> None:
    for number in range(25):
        value = json.dumps(f"$res:f/c/{number + 1}")
        await resources.create(world, admin, NewResource(f"f/c/{number}", value, "any"))
    with pytest.raises(Invalid, match="more than 20 others in a row"):
        await references.resource(world, admin, "f/c/0")


async def running(world: World, scope: Scope, worker: Worker, args: dict[str, Any]) -> NewJob:
    preview = Preview("def main(): pass", "python3")
    await push.run_preview(world, scope, preview, args=args, options=RunOptions())
    (found,) = await claim(world, Ask(worker.id, worker.tags))
    return found.job


async def test_a_jobs_arguments_are_filled_in_for_its_cell_and_nowhere_else(
    world: World, admin: Scope, worker: Worker
) -> None:
    job = await running(world, admin, worker, {"db": "$res:f/ops/db", "id": "$WM_JOB_ID"})
    context = {"WM_JOB_ID": str(job.id)}
    ready, secrets = await references.filled_args(world, job, context=context)
    password = "value of f/ops/token"
    assert json.loads(ready.args) == {"db": {"host": "h", "password": password}, "id": str(job.id)}
    assert secrets == (password,)
    assert json.loads(job.args)["db"] == "$res:f/ops/db"
    assert ready._replace(args=job.args) == job


async def test_a_job_of_somebody_who_is_gone_gets_nothing(
    world: World, admin: Scope, worker: Worker
) -> None:
    job = await running(world, admin, worker, {"x": "$var:f/ops/city"})
    with pytest.raises(Unauthenticated, match="is gone or disabled"):
        await references.filled_args(world, job._replace(email="bob@here.test"), context={})


async def test_a_job_without_references_asks_nothing(world: World, admin: Scope) -> None:
    bare = replace(world, db=None)  # type: ignore[arg-type]  # whoever asked it would fail
    job = NewJob(**{**_facts(), "args": '{"price":"5 $"}'})
    assert await references.filled_args(bare, job, context={}) == (job, ())


async def test_a_process_without_the_key_opens_nothing(world: World, admin: Scope) -> None:
    with pytest.raises(NoKey):
        await references.resource(replace(world, vault=Vault()), admin, "f/ops/db")


def _facts() -> dict[str, Any]:
    return dict.fromkeys(NewJob._fields)

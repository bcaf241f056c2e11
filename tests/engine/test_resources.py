"""Resources and their types: who may what, and what stays as it was given."""

from __future__ import annotations

import json

import pytest

from windmill_lite.base.errors import AlreadyExists, Denied, Invalid, NotFound, TooLarge
from windmill_lite.engine.values import resource_types, resources
from windmill_lite.engine.world import World
from windmill_lite.model.identity import Identity
from windmill_lite.model.resource import NewResource, ResourceChange, ResourceType
from windmill_lite.model.resource_types import BUILT_IN
from windmill_lite.store.people.scope import Scope

DB = NewResource("f/ops/db", '{"host":"h","password":"$var:f/ops/token"}', "postgresql", "ours")


async def test_a_value_is_given_back_to_the_byte(world: World, admin: Scope) -> None:
    await resources.create(world, admin, DB)
    found = await resources.get(world, admin, DB.path)
    assert (found.value, found.resource_type, found.description) == (DB.value, "postgresql", "ours")


async def test_a_change_leaves_what_it_does_not_name(world: World, admin: Scope) -> None:
    await resources.create(world, admin, DB)
    await resources.update(world, admin, DB.path, ResourceChange(value="null"))
    found = await resources.get(world, admin, DB.path)
    assert (found.value, found.resource_type, found.description) == ("null", "postgresql", "ours")


async def test_a_resource_is_moved_and_onto_nothing(world: World, admin: Scope) -> None:
    await resources.create(world, admin, DB)
    await resources.create(world, admin, NewResource("f/ops/other", "1", "any"))
    with pytest.raises(AlreadyExists):
        await resources.update(world, admin, DB.path, ResourceChange(path="f/ops/other"))
    assert await resources.update(world, admin, DB.path, ResourceChange(path="f/ops/a/b")) == (
        "f/ops/a/b"
    )
    with pytest.raises(NotFound):
        await resources.get(world, admin, DB.path)


async def test_a_taken_path_is_refused_or_updated(world: World, admin: Scope) -> None:
    await resources.create(world, admin, DB)
    again = NewResource(DB.path, "2", "state")
    with pytest.raises(AlreadyExists):
        await resources.create(world, admin, again)
    await resources.create(world, admin, again, or_update=True)
    found = await resources.get(world, admin, DB.path)
    assert (found.value, found.resource_type) == ("2", "state")


async def test_what_is_anothers_is_not_there(world: World, admin: Scope, bob: Scope) -> None:
    await resources.create(world, admin, NewResource("u/ada/db", "1", "any"))
    with pytest.raises(NotFound):
        await resources.get(world, bob, "u/ada/db")
    with pytest.raises(NotFound):
        await resources.update(world, bob, "u/ada/db", ResourceChange(value="2"))
    with pytest.raises(NotFound):
        await resources.delete(world, bob, "u/ada/db")


async def test_a_value_has_a_size(world: World, admin: Scope) -> None:
    with pytest.raises(TooLarge):
        await resources.create(world, admin, NewResource("f/a/b", f'"{"x" * 2**20}"', "any"))


async def test_a_type_is_its_makers_and_the_admins(world: World, admin: Scope, bob: Scope) -> None:
    eve = Scope(Identity("main", "eve", "eve@here.test"))
    olga = Scope(Identity("main", "olga", "olga@here.test", operator=True))
    await resource_types.create(world, bob, ResourceType("", "c_thing", "{}"))
    with pytest.raises(AlreadyExists):
        await resource_types.create(world, eve, ResourceType("", "c_thing", "{}"))
    with pytest.raises(Denied):
        await resource_types.create(world, olga, ResourceType("", "c_other", "{}"))
    with pytest.raises(Denied):
        await resource_types.delete(world, eve, "c_thing")
    await resource_types.update(world, admin, "c_thing", schema=None, description="a thing")
    found = await resource_types.get(world, eve, "c_thing")
    assert found is not None
    assert (found.schema, found.description) == ("{}", "a thing")
    await resource_types.delete(world, bob, "c_thing")
    assert await resource_types.get(world, eve, "c_thing") is None


async def test_what_every_workspace_has_stays_as_it_is(world: World, admin: Scope) -> None:
    with pytest.raises(AlreadyExists):
        await resource_types.create(world, admin, ResourceType("", "mysql", "{}"))
    with pytest.raises(Invalid, match="built in"):
        await resource_types.delete(world, admin, "mysql")
    names = [each.name for each in await resource_types.list_types(world, admin)]
    assert names == sorted(BUILT_IN)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_a_built_in_schema_requires_what_it_has(name: str) -> None:
    schema = json.loads(BUILT_IN[name].schema)
    assert set(schema["required"]) <= set(schema["properties"])
    assert schema["order"] == list(schema["properties"])

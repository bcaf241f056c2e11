"""The types of resources: those that every workspace has, and those that it made.

Whoever may write code makes a type; who made it, and admins, change and delete it. Deleting one
leaves its resources, whose values nobody checks against it.
"""

from __future__ import annotations

from dataclasses import replace

from windmill_lite.base.errors import AlreadyExists, Invalid, NotFound, TooLarge
from windmill_lite.core import access
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.resource import ResourceType, check_resource_type
from windmill_lite.model.resource_types import BUILT_IN
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine.values import resources
from windmill_lite.store.people import resources as seen
from windmill_lite.store.people.scope import Scope


async def create(world: World, scope: Scope, new: ResourceType) -> None:
    """Fails: `AlreadyExists`, also for a name that every workspace has."""
    access.require_author(scope.identity)
    check_resource_type(new.name)
    made = replace(
        new,
        workspace=scope.workspace,
        created_by=scope.identity.username,
        edited_at=world.now(),
    )
    _check(made)

    async def body(tx: Tx) -> None:
        if new.name in BUILT_IN or not await resources.insert_type(tx, made):
            raise AlreadyExists(f"a resource type {new.name} exists already", field="name")

    await world.db.write(body)


async def update(
    world: World, scope: Scope, name: str, *, schema: str | None, description: str | None
) -> None:
    async def body(tx: Tx) -> None:
        found = await _own(tx, scope, name)
        made = replace(
            found,
            schema=found.schema if schema is None else schema,
            description=found.description if description is None else description,
            edited_at=world.now(),
        )
        _check(made)
        await resources.edit_type(tx, made)

    await world.db.write(body)


async def delete(world: World, scope: Scope, name: str) -> None:
    async def body(tx: Tx) -> None:
        await _own(tx, scope, name)
        await resources.delete_type(tx, scope.workspace, name)

    await world.db.write(body)


async def get(world: World, scope: Scope, name: str) -> ResourceType | None:
    """The workspace's own, or the one that every workspace has."""
    if name in BUILT_IN:
        return BUILT_IN[name]
    async with world.db.view() as view:
        return await seen.type_named(view, scope, name)


async def list_types(world: World, scope: Scope) -> list[ResourceType]:
    """All there are, by name."""
    async with world.db.view() as view:
        own = await seen.types(view, scope)
    return sorted((*BUILT_IN.values(), *own), key=lambda each: each.name)


async def _own(tx: Tx, scope: Scope, name: str) -> ResourceType:
    """One that this person may change. Fails: `Invalid` for what every workspace has."""
    access.require_author(scope.identity)
    if name in BUILT_IN:
        raise Invalid(f"the resource type {name} is built in and stays as it is", field="name")
    found = await resources.get_type(tx, scope.workspace, name)
    if found is None:
        raise missing(name)
    if found.created_by != scope.identity.username:
        access.require_admin(scope.identity)
    return found


def _check(given: ResourceType) -> None:
    if len(given.schema) > limits.SCHEMA_BYTES_MAX:
        most = limits.SCHEMA_BYTES_MAX
        raise TooLarge(f"schema is larger than {most} bytes", field="schema")
    if len(given.description or "") > limits.TEXT_CHARS_MAX:
        most = limits.TEXT_CHARS_MAX
        raise Invalid(f"description is longer than {most} characters", field="description")


def missing(name: str) -> NotFound:
    return NotFound(f"Resource type not found at name {name}")

"""Making, changing, moving and removing resources. Their references stay as they were given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from windmill_lite.base.errors import AlreadyExists, Conflict, Invalid, NotFound, TooLarge
from windmill_lite.core import access
from windmill_lite.core.access import Action
from windmill_lite.engine.values.variables import check_labels
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.paths import check_path
from windmill_lite.model.resource import (
    NewResource,
    Resource,
    ResourceChange,
    check_resource_type,
)
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine.values import resources
from windmill_lite.store.people import resources as seen
from windmill_lite.store.people.scope import Scope

_WHAT = "resource"


async def create(world: World, scope: Scope, new: NewResource, *, or_update: bool = False) -> None:
    """Fails: `AlreadyExists`, unless what is there is to be updated."""
    check_path(new.path)
    access.require(scope.identity, Action.WRITE, new.path, what=_WHAT)
    made = Resource(
        workspace=scope.workspace,
        path=new.path,
        value=new.value,
        resource_type=new.resource_type,
        description=new.description,
        labels=new.labels,
        created_by=scope.identity.username,
        edited_by=scope.identity.username,
        edited_at=world.now(),
    )
    _check(made)

    async def body(tx: Tx) -> None:
        if await resources.insert(tx, made):
            return
        found = await resources.get(tx, scope.workspace, new.path)
        if not or_update or found is None:
            raise AlreadyExists(f"a resource exists at {new.path} already", field="path")
        edited = replace(
            made, created_by=found.created_by, edited_at=max(made.edited_at, found.edited_at + 1)
        )
        await _put(tx, found, edited)

    await world.db.write(body)


async def update(world: World, scope: Scope, path: str, change: ResourceChange) -> str:
    """Answers with the path, which is another one when the resource was moved."""
    access.require(scope.identity, Action.WRITE, path, what=_WHAT)
    if change.path is not None and change.path != path:
        check_path(change.path)
        access.require(scope.identity, Action.WRITE, change.path, what=_WHAT)

    async def body(tx: Tx) -> str:
        found = await resources.get(tx, scope.workspace, path)
        if found is None:
            raise missing(path)
        made = _changed(world, scope, found, change)
        _check(made)
        await _put(tx, found, made)
        return made.path

    return await world.db.write(body)


async def delete(world: World, scope: Scope, path: str) -> None:
    access.require(scope.identity, Action.WRITE, path, what=_WHAT)

    async def body(tx: Tx) -> None:
        if not await resources.delete(tx, scope.workspace, path):
            raise missing(path)

    await world.db.write(body)


async def delete_many(world: World, scope: Scope, paths: Sequence[str]) -> list[str]:
    """All or none of them; answers with those that were there."""
    for path in paths:
        access.require(scope.identity, Action.WRITE, path, what=_WHAT)

    async def body(tx: Tx) -> list[str]:
        return [path for path in paths if await resources.delete(tx, scope.workspace, path)]

    return await world.db.write(body)


async def get(world: World, scope: Scope, path: str) -> Resource:
    """Fails: `NotFound`."""
    async with world.db.view() as view:
        found = await seen.by_path(view, scope, path)
    if found is None:
        raise missing(path)
    return found


def _changed(world: World, scope: Scope, found: Resource, change: ResourceChange) -> Resource:
    return replace(
        found,
        path=found.path if change.path is None else change.path,
        value=found.value if change.value is None else change.value,
        resource_type=(
            found.resource_type if change.resource_type is None else change.resource_type
        ),
        description=found.description if change.description is None else change.description,
        labels=found.labels if change.labels is None else change.labels,
        edited_by=scope.identity.username,
        edited_at=max(world.now(), found.edited_at + 1),  # no two edits look the same
    )


async def _put(tx: Tx, found: Resource, made: Resource) -> None:
    if made.path == found.path:
        if not await resources.edit(tx, made, seen=found):
            raise Conflict(f"resource {found.path} was edited meanwhile; try again")
        return
    if not await resources.insert(tx, made):
        raise AlreadyExists(f"a resource exists at {made.path} already", field="path")
    await resources.delete(tx, found.workspace, found.path)


def _check(given: Resource) -> None:
    check_resource_type(given.resource_type)
    if len(given.value.encode()) > limits.RESOURCE_BYTES_MAX:
        most = limits.RESOURCE_BYTES_MAX
        raise TooLarge(f"value of a resource is larger than {most} bytes", field="value")
    if len(given.description or "") > limits.TEXT_CHARS_MAX:
        most = limits.TEXT_CHARS_MAX
        raise Invalid(f"description is longer than {most} characters", field="description")
    check_labels(given.labels)


def missing(path: str) -> NotFound:
    return NotFound(f"Resource not found at name {path}")

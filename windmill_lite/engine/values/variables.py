"""Making, changing, moving, removing and opening variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from windmill_lite.base.codec import Json, dumps
from windmill_lite.base.errors import AlreadyExists, Conflict, Invalid, NotFound
from windmill_lite.base.sealed import Key
from windmill_lite.core import access
from windmill_lite.core.access import Action
from windmill_lite.engine.values import vault
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.paths import check_path
from windmill_lite.model.variable import NewVariable, Variable, VariableChange
from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.machine.values import variables
from windmill_lite.store.people import variables as seen
from windmill_lite.store.people.scope import Scope

_WHAT = "variable"


async def create(world: World, scope: Scope, new: NewVariable) -> None:
    """Fails: `AlreadyExists`; `NoKey` for a secret where no key is."""
    check_path(new.path)
    access.require(scope.identity, Action.WRITE, new.path, what=_WHAT)
    given = Variable(
        workspace=scope.workspace,
        path=new.path,
        value=new.value,
        is_secret=new.is_secret,
        description=new.description,
        labels=new.labels,
        edited_by=scope.identity.username,
        edited_at=world.now(),
    )
    _check(given)
    key = await _key(world, scope) if new.is_secret else None

    async def body(tx: Tx) -> None:
        made = await _closed(world, tx, given, key=key, sealed=new.sealed)
        if not await variables.insert(tx, made):
            raise AlreadyExists(f"a variable exists at {new.path} already", field="path")

    await world.db.write(body)


async def update(world: World, scope: Scope, path: str, change: VariableChange) -> str:
    """Answers with the path, which is another one when the variable was moved. A secret stays one
    unless the change says otherwise.
    """
    access.require(scope.identity, Action.WRITE, path, what=_WHAT)
    if change.path is not None and change.path != path:
        check_path(change.path)
        access.require(scope.identity, Action.WRITE, change.path, what=_WHAT)
    async with world.db.view() as view:
        there = await seen.by_path(view, scope, path)
    secret = change.is_secret or (there is not None and there.is_secret)
    key = await _key(world, scope) if secret else None

    async def body(tx: Tx) -> str:
        found = await variables.get(tx, scope.workspace, path)
        if found is None:
            raise _missing(path)
        edited = await _changed(world, tx, scope, found, change=change)
        sealed = change.sealed and change.value is not None
        if edited.is_secret and key is None:
            raise Conflict(f"variable {path} was made a secret meanwhile; try again")
        made = await _closed(world, tx, edited, key=key, sealed=sealed)
        await _put(tx, found, made)
        return made.path

    return await world.db.write(body)


async def delete(world: World, scope: Scope, path: str) -> None:
    access.require(scope.identity, Action.WRITE, path, what=_WHAT)

    async def body(tx: Tx) -> None:
        if not await variables.delete(tx, scope.workspace, path):
            raise _missing(path)

    await world.db.write(body)


async def delete_many(world: World, scope: Scope, paths: Sequence[str]) -> list[str]:
    """All or none of them; answers with those that were there."""
    for path in paths:
        access.require(scope.identity, Action.WRITE, path, what=_WHAT)

    async def body(tx: Tx) -> list[str]:
        return [path for path in paths if await variables.delete(tx, scope.workspace, path)]

    return await world.db.write(body)


async def get(world: World, scope: Scope, path: str, *, opened: bool) -> Variable:
    """`opened`: with the text of a secret in place of what is stored. Fails: `NotFound`."""
    async with world.db.view() as view:
        found = await seen.by_path(view, scope, path)
        if found is None:
            raise _missing(path)
        if not opened:
            return found
        return replace(found, value=await vault.reveal(world.vault, view, found))


async def encrypt(world: World, scope: Scope, value: str) -> str:
    """Text that `create` and `update` take as an encrypted value, for any path of the workspace."""
    _check_value(value)
    return vault.seal_free(await _key(world, scope), scope.workspace, value)


async def sealed(world: World, scope: Scope, value: Json) -> str:
    """A reference to a value that is nowhere else, for the arguments of this person's jobs."""
    return vault.seal_argument(await _key(world, scope), scope, dumps(value))


async def _key(world: World, scope: Scope) -> Key:
    return await vault.newest_key(world.vault, world.db, scope.workspace, now=world.now())


async def _changed(
    world: World, view: View, scope: Scope, found: Variable, *, change: VariableChange
) -> Variable:
    """With its value in the open, unless it came sealed."""
    value = change.value
    if value is None:
        value = await vault.reveal(world.vault, view, found)
    edited = replace(
        found,
        path=found.path if change.path is None else change.path,
        value=value,
        is_secret=found.is_secret if change.is_secret is None else change.is_secret,
        description=found.description if change.description is None else change.description,
        labels=found.labels if change.labels is None else change.labels,
        edited_by=scope.identity.username,
        edited_at=max(world.now(), found.edited_at + 1),  # no two edits look the same
    )
    _check(edited)
    return edited


async def _closed(
    world: World, view: View, given: Variable, *, key: Key | None, sealed: bool
) -> Variable:
    """As it is stored."""
    if not given.is_secret:
        return given
    assert key is not None, "a secret is stored with a key"
    if sealed:
        value = await vault.adopt(world.vault, view, key, given)
    else:
        value = vault.seal(key, given.workspace, given.path, given.value)
    return replace(given, value=value)


async def _put(tx: Tx, found: Variable, made: Variable) -> None:
    if made.path == found.path:
        if not await variables.edit(tx, made, seen=found):
            raise Conflict(f"variable {found.path} was edited meanwhile; try again")
        return
    if not await variables.insert(tx, made):
        raise AlreadyExists(f"a variable exists at {made.path} already", field="path")
    await variables.delete(tx, found.workspace, found.path)


def _check(given: Variable) -> None:
    _check_value(given.value)
    if len(given.description) > limits.TEXT_CHARS_MAX:
        most = limits.TEXT_CHARS_MAX
        raise Invalid(f"description is longer than {most} characters", field="description")
    check_labels(given.labels)


def _check_value(value: str) -> None:
    if len(value) > limits.VARIABLE_CHARS_MAX:
        most = limits.VARIABLE_CHARS_MAX
        raise Invalid(f"value is longer than {most} characters", field="value")


def check_labels(labels: tuple[str, ...]) -> None:
    """Fails: `Invalid`."""
    if len(labels) > limits.LABELS_MAX or any(len(label) > 100 for label in labels):
        raise Invalid(
            f"labels are at most {limits.LABELS_MAX}, of at most 100 characters", field="labels"
        )


def _missing(path: str) -> NotFound:
    return NotFound(f"Variable not found at name {path}")

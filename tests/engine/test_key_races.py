"""The secret key is replaced while a secret is made; on Postgres, where both can be at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from tests.engine.test_cancel_races import Connection, somebody_waits
from windmill_lite.base.sealed import new_key
from windmill_lite.engine import workspaces
from windmill_lite.engine.values import keyring, variables
from windmill_lite.engine.values.vault import NoKey, Vault
from windmill_lite.engine.world import World
from windmill_lite.model.variable import NewVariable
from windmill_lite.store.db.connect import connect
from windmill_lite.store.people.scope import Scope

pytestmark = pytest.mark.parametrize(
    "dialect", [pytest.param("postgres", marks=pytest.mark.postgres)]
)

SECRET = NewVariable("u/ada/token", "hush", is_secret=True)
NEW = new_key()


@pytest.fixture
async def elsewhere(world: World, db_url: str) -> AsyncIterator[World]:
    """The same instance as another process sees it."""
    db = connect(db_url, Path())
    await db.open()
    yield replace(world, db=db, vault=Vault(world.vault.key))
    await db.close()


@pytest.fixture
async def between(db_url: str) -> AsyncIterator[Connection]:
    """Whoever holds them up."""
    connection: Connection = await asyncpg.connect(db_url)
    yield connection
    await connection.close()


@pytest.fixture
async def second(world: World, admin: Scope) -> Scope:
    """The same person in a workspace that has no secret yet; the first one has."""
    await variables.create(world, admin, SECRET)
    email = admin.identity.email
    await workspaces.make(world, id="second", name="Second", owner=email, username="ada")
    return Scope(replace(admin.identity, workspace="second"))


async def text_of(world: World, scope: Scope) -> str:
    """As who has the new key reads it."""
    reader = replace(world, vault=Vault(NEW))
    return (await variables.get(reader, scope, SECRET.path, opened=True)).value


async def test_a_key_that_is_being_made_is_sealed_anew_with_the_others(
    world: World,
    elsewhere: World,
    between: Connection,
    admin: Scope,
    second: Scope,
    db_url: str,
) -> None:
    async with between.transaction():
        await between.execute("lock table workspace_key in share row exclusive mode")
        making = asyncio.create_task(variables.create(world, second, SECRET))
        await somebody_waits(db_url)
        replacing = asyncio.create_task(keyring.rotate(elsewhere, NEW))
        await somebody_waits(db_url, 2)
    await making
    assert await replacing == 2
    assert [await text_of(world, scope) for scope in (admin, second)] == ["hush", "hush"]


async def test_no_key_is_sealed_with_one_that_is_being_replaced(
    world: World,
    elsewhere: World,
    between: Connection,
    admin: Scope,
    second: Scope,
    db_url: str,
) -> None:
    async with between.transaction():
        await between.execute("lock table workspace_key in share row exclusive mode")
        replacing = asyncio.create_task(keyring.rotate(elsewhere, NEW))
        await somebody_waits(db_url)
        making = asyncio.create_task(variables.create(world, second, SECRET))
        await somebody_waits(db_url, 2)
    assert await replacing == 1
    with pytest.raises(NoKey):
        await making
    assert await text_of(world, admin) == "hush"

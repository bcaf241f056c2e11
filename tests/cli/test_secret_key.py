"""The secret key of an instance is replaced, or given up with all that it sealed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.cli._command import Command
from windmill_lite.base.clock import SystemClock
from windmill_lite.base.keyfile import make_key
from windmill_lite.base.sealed import Key
from windmill_lite.engine import accounts, workspaces
from windmill_lite.engine.values import variables
from windmill_lite.engine.values.vault import NoKey, Vault, check_keys
from windmill_lite.engine.world import World, open_world
from windmill_lite.model.identity import Identity
from windmill_lite.model.variable import NewVariable
from windmill_lite.store.db.connect import connect
from windmill_lite.store.people.scope import Scope

T = TypeVar("T")
ADA = Scope(Identity("main", "ada", "ada@here.test", is_admin=True))
SECRET = NewVariable("u/ada/token", "hush hush", is_secret=True)
PLAIN = NewVariable("u/ada/city", "Bern", is_secret=False)


@pytest.fixture
def old(tmp_path: Path) -> Key:
    return make_key(tmp_path / "old.key")


@pytest.fixture
def place(db_url: str, tmp_path: Path) -> tuple[str, ...]:
    return ("--database", db_url, "--data-dir", str(tmp_path / "data"))


def over(db_url: str, key: Key | None, verb: Callable[[World], Awaitable[T]]) -> T:
    """The answer of a process with that key."""

    async def main() -> T:
        db = connect(db_url, Path())
        await db.open()
        try:
            world = await open_world(db, SystemClock(), "http://here.test", vault=Vault(key))
            return await verb(world)
        finally:
            await db.close()

    return asyncio.run(main())


@pytest.fixture(autouse=True)
def kept(db_url: str, old: Key) -> None:
    async def make(world: World) -> None:
        email = ADA.identity.email
        await accounts.make_account(world, email=email, password=None, name=None, super_admin=True)
        await workspaces.make(world, id="main", name="Main", owner=email, username="ada")
        await variables.create(world, ADA, SECRET)
        await variables.create(world, ADA, PLAIN)

    over(db_url, old, make)


async def read(world: World) -> str:
    return (await variables.get(world, ADA, SECRET.path, opened=True)).value


async def start(world: World) -> None:
    await check_keys(world.vault, world.db)


def test_a_key_is_replaced_and_the_old_one_is_of_no_use_any_more(
    command: Command, place: tuple[str, ...], db_url: str, tmp_path: Path, old: Key
) -> None:
    new = make_key(tmp_path / "new.key")
    flags = ("--secret-key-file", str(tmp_path / "old.key"))
    done = command(*flags, "secret-key", "rotate", str(tmp_path / "new.key"), *place)
    assert done.code == 0, done.err
    assert done.out.startswith("the keys of 1 workspaces are sealed with the key in ")
    assert new.secret.hex() not in done.out
    assert over(db_url, new, read) == "hush hush"
    with pytest.raises(NoKey):
        over(db_url, old, start)


def test_nobody_replaces_a_key_that_they_do_not_have(
    command: Command, place: tuple[str, ...], db_url: str, tmp_path: Path, old: Key
) -> None:
    make_key(tmp_path / "new.key")
    done = command("secret-key", "rotate", str(tmp_path / "new.key"), *place)
    assert done.code == 6
    assert "are sealed with the secret key" in done.err
    assert over(db_url, old, read) == "hush hush"
    done = command("secret-key", "rotate", str(tmp_path / "none.key"), *place)
    assert (done.code, "there is no file" in done.err) == (2, True)


def test_secrets_whose_key_is_lost_are_given_up_and_nothing_else(
    command: Command, place: tuple[str, ...], db_url: str, tmp_path: Path
) -> None:
    done = command("secret-key", "forget", "--yes", *place)
    assert (done.code, done.out.split(";")[0]) == (0, "deleted 1 secrets")
    other = make_key(tmp_path / "new.key")
    over(db_url, other, start)

    async def again(world: World) -> list[str]:
        await variables.create(world, ADA, SECRET)
        city = await variables.get(world, ADA, PLAIN.path, opened=True)
        return [await read(world), city.value]

    assert over(db_url, other, again) == ["hush hush", "Bern"]


@pytest.mark.parametrize("role", ["api", "worker", "all"])
def test_no_server_starts_over_secrets_that_it_cannot_open(
    command: Command, tmp_path: Path, db_url: str, role: str
) -> None:
    if role != "all" and db_url.startswith("sqlite"):
        pytest.skip("SQLite is one process")
    make_key(tmp_path / "other.key")
    flags = ("--role", role, "--listen", "127.0.0.1:0", "--base-url", "http://here.test")
    place = ("--database", db_url, "--data-dir", str(tmp_path / "data"))
    for more in ((), ("--secret-key-file", str(tmp_path / "other.key"))):
        done = command(*flags, *place, *more)
        assert done.code == 6
        assert "are sealed with the secret key" in done.err

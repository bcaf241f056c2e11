"""Variables: who may what, and what becomes of secrets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from windmill_lite.base.errors import AlreadyExists, Denied, Invalid, NotFound
from windmill_lite.base.sealed import Key, new_key
from windmill_lite.engine import workspaces
from windmill_lite.engine.values import variables, vault
from windmill_lite.engine.values.vault import NoKey, Vault
from windmill_lite.engine.world import World
from windmill_lite.model.identity import Identity
from windmill_lite.model.variable import NewVariable, VariableChange
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine.values import variables as stored
from windmill_lite.store.people.scope import Scope

SECRET = NewVariable("f/ops/token", "hush", is_secret=True)
PLAIN = NewVariable("f/ops/city", "Bern", is_secret=False)


async def text_of(world: World, scope: Scope, path: str) -> str:
    return (await variables.get(world, scope, path, opened=True)).value


async def kept(world: World, path: str) -> str:
    """What the database holds."""
    async with world.db.view() as view:
        found = await stored.get(view, "main", path)
    assert found is not None
    return found.value


async def put(world: World, path: str, value: str) -> None:
    """Somebody with a hand in the database."""

    async def body(tx: Tx) -> None:
        found = await stored.get(tx, "main", path)
        assert found is not None
        await stored.edit(tx, replace(found, value=value), seen=found)

    await world.db.write(body)


async def test_a_secret_is_read_back_and_stored_sealed(world: World, admin: Scope) -> None:
    await variables.create(world, admin, SECRET)
    assert await text_of(world, admin, SECRET.path) == "hush"
    assert "hush" not in await kept(world, SECRET.path)


async def test_a_secret_that_was_put_in_the_place_of_another_does_not_open(
    world: World, admin: Scope
) -> None:
    await variables.create(world, admin, SECRET)
    await variables.create(world, admin, replace(SECRET, path="u/ada/token", value="mine"))
    await put(world, "u/ada/token", await kept(world, SECRET.path))
    with pytest.raises(Invalid, match="u/ada/token was not sealed for this path"):
        await text_of(world, admin, "u/ada/token")


async def test_a_secret_of_another_workspace_does_not_open(world: World, admin: Scope) -> None:
    await variables.create(world, admin, SECRET)
    await workspaces.make(world, id="two", name="Two", owner="ada@here.test", username="ada")
    there = Scope(replace(admin.identity, workspace="two"))
    stolen = replace(SECRET, value=await kept(world, SECRET.path), sealed=True)
    with pytest.raises(Invalid, match="not encrypted with the key of this workspace"):
        await variables.create(world, there, stolen)


async def test_a_new_value_of_a_secret_is_a_secret(world: World, admin: Scope) -> None:
    await variables.create(world, admin, SECRET)
    await variables.update(world, admin, SECRET.path, VariableChange(value="new"))
    assert await text_of(world, admin, SECRET.path) == "new"
    assert "new" not in await kept(world, SECRET.path)


async def test_a_variable_becomes_a_secret_and_back(world: World, admin: Scope) -> None:
    await variables.create(world, admin, PLAIN)
    await variables.update(world, admin, PLAIN.path, VariableChange(is_secret=True))
    assert "Bern" not in await kept(world, PLAIN.path)
    assert await text_of(world, admin, PLAIN.path) == "Bern"
    await variables.update(world, admin, PLAIN.path, VariableChange(is_secret=False))
    assert await kept(world, PLAIN.path) == "Bern"


async def test_a_secret_that_is_moved_opens_at_its_new_path(world: World, admin: Scope) -> None:
    await variables.create(world, admin, SECRET)
    moved = await variables.update(world, admin, SECRET.path, VariableChange(path="f/ops/other"))
    assert moved == "f/ops/other"
    assert await text_of(world, admin, "f/ops/other") == "hush"
    with pytest.raises(NotFound):
        await text_of(world, admin, SECRET.path)


async def test_nothing_is_moved_onto_another(world: World, admin: Scope) -> None:
    await variables.create(world, admin, SECRET)
    await variables.create(world, admin, PLAIN)
    with pytest.raises(AlreadyExists):
        await variables.update(world, admin, SECRET.path, VariableChange(path=PLAIN.path))
    assert await text_of(world, admin, PLAIN.path) == "Bern"


async def test_an_exported_secret_is_taken_back_as_it_was(world: World, admin: Scope) -> None:
    await variables.create(world, admin, SECRET)
    exported = await kept(world, SECRET.path)
    await variables.delete(world, admin, SECRET.path)
    await variables.create(world, admin, replace(SECRET, value=exported, sealed=True))
    assert await kept(world, SECRET.path) == exported
    assert await text_of(world, admin, SECRET.path) == "hush"


async def test_encrypted_text_becomes_a_secret_at_any_path(world: World, admin: Scope) -> None:
    text = await variables.encrypt(world, admin, "hush")
    await variables.create(world, admin, replace(SECRET, value=text, sealed=True))
    assert await text_of(world, admin, SECRET.path) == "hush"
    assert await kept(world, SECRET.path) != text


async def test_a_path_is_taken_once(world: World, admin: Scope) -> None:
    await variables.create(world, admin, PLAIN)
    with pytest.raises(AlreadyExists, match="f/ops/city"):
        await variables.create(world, admin, PLAIN)


async def test_what_is_anothers_is_not_there(world: World, admin: Scope, bob: Scope) -> None:
    await variables.create(world, admin, replace(SECRET, path="u/ada/token"))
    with pytest.raises(NotFound):
        await text_of(world, bob, "u/ada/token")
    with pytest.raises(NotFound):
        await variables.update(world, bob, "u/ada/token", VariableChange(value="x"))
    with pytest.raises(NotFound):
        await variables.delete(world, bob, "u/ada/token")


async def test_an_operator_reads_and_does_not_write(world: World, admin: Scope) -> None:
    olga = Scope(Identity("main", "olga", "olga@here.test", operator=True))
    await variables.create(world, admin, SECRET)
    assert await text_of(world, olga, SECRET.path) == "hush"
    with pytest.raises(Denied):
        await variables.update(world, olga, SECRET.path, VariableChange(value="x"))


async def test_nobody_moves_a_variable_to_where_they_may_not_write(
    world: World, admin: Scope, bob: Scope
) -> None:
    await variables.create(world, admin, PLAIN)
    with pytest.raises(NotFound):
        await variables.update(world, bob, PLAIN.path, VariableChange(path="u/ada/city"))


async def test_without_a_key_there_are_no_secrets_but_everything_else(
    world: World, admin: Scope
) -> None:
    bare = replace(world, vault=Vault())
    await variables.create(bare, admin, PLAIN)
    with pytest.raises(NoKey, match="--secret-key-file"):
        await variables.create(bare, admin, SECRET)


async def test_a_key_is_made_with_the_first_secret(
    world: World, admin: Scope, tmp_path: Path
) -> None:
    file = tmp_path / "secret.key"
    own = replace(world, vault=Vault(file=file))
    await variables.create(own, admin, PLAIN)
    assert not file.exists()
    await variables.create(own, admin, SECRET)
    assert file.exists()
    assert await text_of(own, admin, SECRET.path) == "hush"


@pytest.mark.parametrize("other", [None, new_key()], ids=["none", "another"])
async def test_no_process_works_with_another_key_than_the_secrets_have(
    world: World, admin: Scope, tmp_path: Path, other: Key | None
) -> None:
    await variables.create(world, admin, SECRET)
    wrong = Vault(other, tmp_path / "secret.key")
    with pytest.raises(NoKey, match="are sealed with the secret key"):
        await vault.check_keys(wrong, world.db)
    with pytest.raises(NoKey):
        await variables.create(replace(world, vault=wrong), admin, replace(SECRET, path="f/ops/b"))
    assert not (tmp_path / "secret.key").exists(), "no key is made over secrets that are there"


async def test_another_process_with_the_key_opens_the_secret(world: World, admin: Scope) -> None:
    await variables.create(world, admin, SECRET)
    other = replace(world, vault=Vault(world.vault.key))
    await vault.check_keys(other.vault, world.db)
    assert await text_of(other, admin, SECRET.path) == "hush"

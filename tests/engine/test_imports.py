"""What a script leads to is read with the rights of whom it runs as, within bounds."""

from __future__ import annotations

import pytest

from windmill_lite.base.errors import Invalid, TooLarge
from windmill_lite.engine import deploy
from windmill_lite.engine.dependencies import imports
from windmill_lite.engine.dependencies.imports import Text
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.script import NewScript
from windmill_lite.store.people.scope import Scope


async def put(world: World, scope: Scope, path: str, code: str, language: str = "python3") -> str:
    new = NewScript(path, code, language, schema={}, auto_parent=True)
    return await deploy.create_script(world, scope, new)


def text(code: str, path: str = "f/ops/main", language: str = "python3") -> Text:
    return Text(language, path, code)


async def test_everything_a_script_leads_to_is_found(world: World, admin: Scope) -> None:
    await put(world, admin, "f/ops/a", "from .b import b\na = 1\n")
    await put(world, admin, "f/ops/b", "from u.ada.c import c\n")
    await put(world, admin, "u/ada/c", "c = 1\n")
    await put(world, admin, "f/ops/unasked", "")
    found = await imports.gather(world, admin, text("from f.ops.a import a\nimport os"))
    assert sorted(found.texts) == ["f/ops/a", "f/ops/b", "u/ada/c"]
    assert found.texts["u/ada/c"] == "c = 1\n"
    assert found.missing is None


async def test_a_circle_ends(world: World, admin: Scope) -> None:
    await put(world, admin, "f/ops/a", "from f.ops.b import b\n")
    await put(world, admin, "f/ops/b", "from f.ops.a import a\nfrom f.ops.main import m\n")
    await put(world, admin, "f/ops/main", "from f.ops.a import a\n")
    found = await imports.gather(world, admin, text("from f.ops.a import a\n"))
    assert sorted(found.texts) == ["f/ops/a", "f/ops/b", "f/ops/main"]


async def test_what_is_not_there_is_named_with_its_importer(world: World, admin: Scope) -> None:
    await put(world, admin, "f/ops/a", "from f.ops.gone import b\n")
    found = await imports.gather(world, admin, text("from f.ops.a import a\n"))
    assert (found.missing, found.where) == ("f/ops/gone", "f/ops/a")


async def test_scripts_that_one_may_not_see_are_not_there(
    world: World, admin: Scope, bob: Scope
) -> None:
    await put(world, admin, "u/ada/secret", "x = 1\n")
    root = text("from u.ada.secret import x\n", "u/bob/main")
    assert (await imports.gather(world, bob, root)).missing == "u/ada/secret"
    assert (await imports.gather(world, admin, root)).missing is None


async def test_scripts_of_other_languages_are_not_there(world: World, admin: Scope) -> None:
    await put(world, admin, "f/ops/tools", "export const x = 1", "deno")
    root = text("import { x } from './tools'", language="bun")
    assert (await imports.gather(world, admin, root)).missing is None
    found = await imports.gather(world, admin, text("from f.ops.tools import x"))
    assert found.missing == "f/ops/tools"


async def test_too_many_scripts_are_refused(
    world: World, admin: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(world, admin, "f/ops/a", "from f.ops.b import b\n")
    await put(world, admin, "f/ops/b", "b = 1\n")
    monkeypatch.setattr(limits, "IMPORTED_SCRIPTS_MAX", 1)
    with pytest.raises(TooLarge, match="may lead to 1 others"):
        await imports.gather(world, admin, text("from f.ops.a import a"))


async def test_a_script_with_dots_that_lead_out_is_refused(world: World, admin: Scope) -> None:
    with pytest.raises(Invalid, match="there is no script"):
        await imports.gather(world, admin, text("from .... import a"))

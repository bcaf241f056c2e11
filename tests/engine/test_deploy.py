"""Deploying: versions never change, nobody overwrites what he has not seen."""

from __future__ import annotations

import json

import pytest

from tests.engine.conftest import JumpingClock, Pushing, claim_one, deploy_script
from windmill_lite.base.errors import AlreadyExists, Conflict, Denied, Invalid, NotFound, TooLarge
from windmill_lite.engine import deploy, push
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.identity import Identity
from windmill_lite.model.job import Preview, RunOptions
from windmill_lite.model.page import Page
from windmill_lite.model.script import NewScript, Script, ScriptFilter
from windmill_lite.model.worker import Worker
from windmill_lite.store.people import scripts
from windmill_lite.store.people.scope import Scope

PATH = "f/ops/hello"
OTHER = "def main():\n    return 2\n"


async def head(world: World, scope: Scope, path: str = PATH) -> Script | None:
    async with world.db.view() as view:
        return await scripts.by_path(view, scope, path)


async def history(world: World, scope: Scope, path: str = PATH) -> list[str]:
    async with world.db.view() as view:
        return [v.hash for v in await scripts.history(view, scope, path, Page())]


async def listed(world: World, scope: Scope, filter_: ScriptFilter) -> list[str]:
    async with world.db.view() as view:
        return [s.path for s in await scripts.list_scripts(view, scope, filter_, Page())]


async def test_a_deployed_script_has_the_schema_of_its_main(world: World, admin: Scope) -> None:
    hash_ = await deploy_script(world, admin)
    script = await head(world, admin)
    assert script is not None
    assert script.hash == hash_
    schema = json.loads(script.schema or "")
    assert schema["required"] == ["name"]
    assert schema["properties"]["count"]["default"] == 1


async def test_a_schema_that_is_given_is_kept_as_it_came(world: World, admin: Scope) -> None:
    given = {"type": "object", "properties": {"x": {"type": "string", "odd": [1]}}, "order": ["x"]}
    await deploy_script(world, admin, schema=given)
    script = await head(world, admin)
    assert script is not None
    assert json.loads(script.schema or "") == given


async def test_a_new_version_names_its_parent_and_becomes_the_head(
    world: World, admin: Scope
) -> None:
    first = await deploy_script(world, admin)
    second = await deploy_script(world, admin, PATH, OTHER, parent_hash=first)
    script = await head(world, admin)
    assert script is not None
    assert (script.hash, script.parent_hash) == (second, first)
    assert await history(world, admin) == [second, first]


async def test_deploying_over_a_version_without_naming_it_is_refused(
    world: World, admin: Scope
) -> None:
    first = await deploy_script(world, admin)
    with pytest.raises(AlreadyExists, match=first):
        await deploy_script(world, admin, PATH, OTHER)


async def test_deploying_over_a_version_that_is_no_longer_the_newest_is_refused(
    world: World, admin: Scope
) -> None:
    first = await deploy_script(world, admin)
    await deploy_script(world, admin, PATH, OTHER, parent_hash=first)
    with pytest.raises(AlreadyExists, match="not the newest"):
        await deploy_script(world, admin, PATH, OTHER + "#", parent_hash=first)


async def test_auto_parent_chains_on_whatever_is_the_head(world: World, admin: Scope) -> None:
    first = await deploy_script(world, admin)
    second = await deploy_script(world, admin, PATH, OTHER, auto_parent=True, parent_hash="stale")
    assert await history(world, admin) == [second, first]


async def test_a_deploy_that_changes_nothing_can_be_skipped(world: World, admin: Scope) -> None:
    first = await deploy_script(world, admin)
    script = await head(world, admin)
    assert script is not None
    again = NewScript(
        path=PATH,
        content=script.content,
        language="python3",
        schema=json.loads(script.schema or ""),
        lock="",
        auto_parent=True,
    )
    assert await deploy.create_script(world, admin, again, skip_if_noop=True) == first
    assert await deploy.create_script(world, admin, again) != first


async def test_a_script_moves_when_the_parent_lives_under_another_path(
    world: World, admin: Scope
) -> None:
    first = await deploy_script(world, admin)
    await deploy_script(world, admin, "f/ops/moved", OTHER, parent_hash=first)
    assert await listed(world, admin, ScriptFilter()) == ["f/ops/moved"]
    assert await listed(world, admin, ScriptFilter(show_archived=True)) == [PATH]


async def test_an_archived_script_leaves_the_list_and_still_runs(
    world: World, admin: Scope
) -> None:
    await deploy_script(world, admin)
    await deploy.archive_path(world, admin, PATH)
    assert await listed(world, admin, ScriptFilter()) == []
    await push.run_path(world, admin, PATH, args={"name": "a"}, options=RunOptions())


async def test_an_archived_path_is_deployed_again_without_a_parent(
    world: World, admin: Scope
) -> None:
    await deploy_script(world, admin)
    await deploy.archive_path(world, admin, PATH)
    await deploy_script(world, admin, PATH, OTHER)
    assert await listed(world, admin, ScriptFilter()) == [PATH]


async def test_a_deleted_path_is_gone_and_can_be_written_again(
    world: World, admin: Scope, clock: JumpingClock
) -> None:
    await deploy_script(world, admin)
    await deploy.delete_path(world, admin, PATH)
    assert await head(world, admin) is None
    with pytest.raises(NotFound):
        await push.run_path(world, admin, PATH, args={"name": "a"}, options=RunOptions())
    with pytest.raises(NotFound):
        await deploy.delete_path(world, admin, PATH)
    clock.jump(1)
    await deploy_script(world, admin)


async def test_deleting_the_head_puts_the_version_before_it_in_its_place(
    world: World, admin: Scope
) -> None:
    first = await deploy_script(world, admin)
    second = await deploy_script(world, admin, PATH, OTHER, parent_hash=first)
    gone = await deploy.delete_hash(world, admin, second)
    assert (gone.deleted, gone.content) == (True, "")
    script = await head(world, admin)
    assert script is not None
    assert script.hash == first


async def test_code_that_runs_need_is_not_deleted(
    world: World, admin: Scope, worker: Worker
) -> None:
    await deploy_script(world, admin)
    await push.run_path(world, admin, PATH, args={"name": "a"}, options=RunOptions())
    with pytest.raises(Conflict, match="queued or running"):
        await deploy.delete_path(world, admin, PATH)
    assert (await claim_one(world, worker)).code.startswith("def main")


async def test_a_run_keeps_its_version_when_a_newer_one_is_deployed(
    world: World, admin: Scope, worker: Worker
) -> None:
    first = await deploy_script(world, admin)
    await push.run_path(world, admin, PATH, args={"name": "a"}, options=RunOptions())
    await deploy_script(world, admin, PATH, OTHER, parent_hash=first)
    assert "name * count" in (await claim_one(world, worker)).code


@pytest.mark.parametrize(
    ("path", "content", "refusal", "said"),
    [
        ("f/ops/../x", "", Invalid, "path"),
        ("g/x/y", "", Invalid, "u/<user>"),
        ("f/ops", "", Invalid, "f/<folder>/<name>"),
        ("f/ops/\0", "", Invalid, "path"),
        ("f/ops/" + "x" * 300, "", Invalid, "255"),
        (PATH, "def main(:\n", Invalid, "line 1"),
        (PATH, "x = '\0'", Invalid, "NUL"),
        (PATH, "#" * (limits.CODE_BYTES_MAX + 1), TooLarge, "content"),
    ],
)
async def test_what_cannot_be_a_script_is_refused_with_the_field(
    world: World, admin: Scope, path: str, content: str, refusal: type[Exception], said: str
) -> None:
    with pytest.raises(refusal, match=said):
        await deploy_script(world, admin, path, content)


async def test_members_write_folders_and_their_own_paths_and_nobody_elses(
    world: World, admin: Scope, bob: Scope
) -> None:
    await deploy_script(world, bob, "u/bob/mine")
    await deploy_script(world, bob, "f/ops/ours")
    with pytest.raises(NotFound):
        await deploy_script(world, bob, "u/ada/hers")
    operator = Scope(Identity("main", "otto", "otto@here.test", operator=True))
    with pytest.raises(Denied, match="may not write"):
        await deploy_script(world, operator, "f/ops/theirs")


async def test_lists_show_ones_own_paths_and_every_folders(
    world: World, admin: Scope, bob: Scope
) -> None:
    for path in ("u/ada/one", "u/bob/two", "f/ops/three"):
        await deploy_script(world, admin, path)
    assert set(await listed(world, admin, ScriptFilter())) == {
        "u/ada/one",
        "u/bob/two",
        "f/ops/three",
    }
    assert set(await listed(world, bob, ScriptFilter())) == {"u/bob/two", "f/ops/three"}
    assert await listed(world, bob, ScriptFilter(path_prefix="f/")) == ["f/ops/three"]


async def test_a_preview_needs_a_language_that_runs(
    world: World, admin: Scope, push_preview: Pushing
) -> None:
    preview = Preview("x", "cobol")
    with pytest.raises(Invalid, match="what does: python3"):
        await push.run_preview(world, admin, preview, args={}, options=RunOptions())

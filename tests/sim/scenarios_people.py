"""Everything else that writes: the first admin, logins, tokens, workspaces, scripts.

A process that ended in the middle is repeated by a person: so every scenario has an `again`, which
must succeed whether the first try happened or not.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace

from tests.sim.scenarios_push import PASSWORD, PATH, by_path, deployed, inhabited
from tests.sim.stage import ADA, Stage
from windmill_lite.base.errors import AlreadyExists, NotFound, Unauthenticated
from windmill_lite.engine import accounts, deploy, login, setup, tokens, workspaces
from windmill_lite.engine.world import open_world
from windmill_lite.model.identity import NewToken
from windmill_lite.model.script import NewScript
from windmill_lite.store.machine import code
from windmill_lite.store.people.scope import Scope

EMAIL = ADA.identity.email
NEXT = NewScript(PATH, "def main(): return 2", "python3", auto_parent=True)


async def open_a_world(stage: Stage) -> None:
    stage.arm()
    await opened(stage)


async def opened(stage: Stage) -> None:
    """The instance's key is the same whoever asks."""
    keys = set()
    for _ in range(2):
        world = await stage.insist(
            lambda: open_world(stage.world.db, stage.clock, stage.world.base_url)
        )
        keys.add(world.instance_key)
    assert len(keys) == 1, "two nodes have two keys"


async def set_up_the_first_admin(stage: Stage) -> None:
    stage.arm()
    await set_up(stage)


async def set_up(stage: Stage) -> None:
    token = await stage.insist(lambda: setup.new_setup_token(stage.world))
    try:
        if token is not None:
            await stage.insist(
                lambda: setup.set_up(
                    stage.world, setup_token=token, email=EMAIL, password=PASSWORD, name="Ada"
                )
            )
    except Unauthenticated:  # the answer was lost: the link is used up
        assert not await setup.setup_needed(stage.world), "the link is gone and nobody is there"
    await logged_in(stage)


async def make_the_first_account(stage: Stage) -> None:
    stage.arm()
    await first_account(stage)


async def first_account(stage: Stage) -> None:
    await stage.insist(
        lambda: setup.first_account(stage.world, email=EMAIL, password=PASSWORD, name=None)
    )
    await logged_in(stage)


async def log_in(stage: Stage) -> None:
    await first_account(stage)
    stage.arm()
    await logged_in(stage)


async def logged_in(stage: Stage) -> None:
    """An admin of the first workspace."""
    session = await stage.insist(
        lambda: login.log_in(stage.world, EMAIL, PASSWORD, address="127.0.0.1")
    )
    found = await stage.insist(lambda: login.authenticate(stage.world, session))
    scope = await stage.insist(lambda: login.enter(stage.world, found, "main"))
    assert scope.identity.is_admin, "the first account is no admin"


async def fail_to_log_in(stage: Stage) -> None:
    await first_account(stage)
    stage.arm()
    try:
        await stage.insist(lambda: login.log_in(stage.world, EMAIL, "wrong", address="127.0.0.1"))
    except Unauthenticated:
        return
    raise AssertionError("a wrong password was good enough")


async def log_out(stage: Stage) -> None:
    await first_account(stage)
    session = await login.log_in(stage.world, EMAIL, PASSWORD, address="127.0.0.1")
    stage.arm()
    await stage.insist(lambda: login.log_out(stage.world, session))
    try:
        await stage.insist(lambda: login.authenticate(stage.world, session))
    except Unauthenticated:
        return
    raise AssertionError("a session outlived its end")


async def use_a_token_after_a_while(stage: Stage) -> None:
    await first_account(stage)
    token = await tokens.mint(stage.world, EMAIL, NewToken())
    stage.clock.jump(24 * 3600)
    stage.arm()
    await stage.insist(lambda: login.authenticate(stage.world, token))


async def make_a_token(stage: Stage) -> None:
    await first_account(stage)
    stage.arm()
    token = await stage.insist(lambda: tokens.mint(stage.world, EMAIL, NewToken(label="ci")))
    await stage.insist(lambda: login.authenticate(stage.world, token))


async def make_a_workspace(stage: Stage) -> None:
    await first_account(stage)
    stage.arm()
    await workspace_made(stage)


async def workspace_made(stage: Stage) -> None:
    with contextlib.suppress(AlreadyExists):
        await stage.insist(
            lambda: workspaces.make(stage.world, id="ops", name="Ops", owner=EMAIL, username=None)
        )
    there = replace(ADA.identity, workspace="ops")
    members = await stage.insist(lambda: workspaces.members(stage.world, Scope(there)))
    assert [member.email for member in members] == [EMAIL], "a workspace without its maker"


async def bring_in_a_member(stage: Stage) -> None:
    await first_account(stage)
    await accounts.make_account(
        stage.world, email="bob@here.test", password=None, name=None, super_admin=False
    )
    stage.arm()
    await member_there(stage)


async def member_there(stage: Stage) -> None:
    with contextlib.suppress(AlreadyExists):
        await stage.insist(
            lambda: workspaces.put_member(
                stage.world, "main", email="bob@here.test", is_admin=False
            )
        )
    members = await stage.insist(lambda: workspaces.members(stage.world, ADA))
    assert sorted(member.username for member in members) == ["ada", "bob"]


async def deploy_a_script(stage: Stage) -> None:
    await inhabited(stage)
    stage.arm()
    await deployed_next(stage)


async def deploy_the_next_version(stage: Stage) -> None:
    await deployed(stage)
    stage.arm()
    await deployed_next(stage)


async def deployed_next(stage: Stage) -> None:
    """Whoever repeats a deployment says so, and gets what is there."""
    hash_ = await stage.insist(
        lambda: deploy.create_script(stage.world, ADA, NEXT, skip_if_noop=True)
    )
    async with stage.db.view() as view:
        head = await code.head(view, "main", PATH)
        assert head is not None, "a path lost its newest version"
        assert head.hash == hash_, "the newest version is another one"
        ready = await code.deployed(view, "main", PATH)
    assert ready is not None, "what is deployed does not run"
    assert ready.hash == hash_, "what runs is another version"


async def move_a_script(stage: Stage) -> None:
    await moved(stage, arm=True)


async def moved(stage: Stage, *, arm: bool = False) -> None:
    async with stage.db.view() as view:
        before = await code.head(view, "main", PATH)
    parent = before.hash if before else await deployed(stage)
    new = NewScript("f/ops/elsewhere", NEXT.content, "python3", parent_hash=parent)
    if arm:
        stage.arm()
    with contextlib.suppress(AlreadyExists):
        await stage.insist(lambda: deploy.create_script(stage.world, ADA, new))
    async with stage.db.view() as view:
        old = await code.head(view, "main", PATH)
        moved = await code.head(view, "main", new.path)
    assert old is not None, "the old path lost its history"
    assert old.archived, "the script is in two places"
    assert moved is not None, "the script is nowhere"


async def archive_a_script(stage: Stage) -> None:
    await deployed(stage)
    stage.arm()
    await stage.insist(lambda: deploy.archive_path(stage.world, ADA, PATH))


async def delete_a_script(stage: Stage) -> None:
    await deployed(stage)
    stage.arm()
    await deleted(stage)


async def deleted(stage: Stage) -> None:
    with contextlib.suppress(NotFound):
        await stage.insist(lambda: deploy.delete_path(stage.world, ADA, PATH))
    async with stage.db.view() as view:
        assert await code.deployed(view, "main", PATH) is None, "a deleted script runs"
    try:
        await stage.push(by_path)
    except NotFound:
        return
    raise AssertionError("a deleted script was pushed")


async def delete_the_newest_version(stage: Stage) -> None:
    first = await deployed(stage)
    newest = await deploy.create_script(stage.world, ADA, NEXT)
    stage.arm()
    await stage.insist(lambda: deploy.delete_hash(stage.world, ADA, newest))
    async with stage.db.view() as view:
        head = await code.head(view, "main", PATH)
    assert head is not None, "a path lost its newest version"
    assert head.hash == first, "no older version took its place"


async def change_a_password(stage: Stage) -> None:
    await first_account(stage)
    session = await login.log_in(stage.world, EMAIL, PASSWORD, address="127.0.0.1")
    stage.arm()
    who = await stage.insist(lambda: login.authenticate(stage.world, session))
    await stage.insist(lambda: accounts.set_password(stage.world, who, PASSWORD, token=session))
    await stage.insist(lambda: login.authenticate(stage.world, session))


async def make_an_account(stage: Stage) -> None:
    await first_account(stage)
    stage.arm()
    await account_made(stage)


async def account_made(stage: Stage) -> None:
    email = "bob@here.test"
    with contextlib.suppress(AlreadyExists):
        await stage.insist(
            lambda: accounts.make_account(
                stage.world, email=email, password=PASSWORD, name=None, super_admin=False
            )
        )
    await stage.insist(lambda: login.log_in(stage.world, email, PASSWORD, address="127.0.0.1"))


async def archive_one_version(stage: Stage) -> None:
    hash_ = await deployed(stage)
    stage.arm()
    await stage.insist(lambda: deploy.archive_hash(stage.world, ADA, hash_))


async def deploy_three_versions(stage: Stage) -> None:
    await inhabited(stage)
    stage.arm()
    for number in range(3):
        new = replace(NEXT, content=f"def main(): return {number}")
        await stage.insist(lambda new=new: deploy.create_script(stage.world, ADA, new))  # type: ignore[misc]
        stage.clock.jump(1.0)

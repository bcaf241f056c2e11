"""Accounts, logins, tokens, workspaces."""

from __future__ import annotations

import pytest

from tests.engine.conftest import PASSWORD, JumpingClock
from windmill_lite.base.errors import (
    AlreadyExists,
    Busy,
    Denied,
    Invalid,
    NotFound,
    Unauthenticated,
)
from windmill_lite.engine import accounts, login, setup, tokens, workspaces
from windmill_lite.engine.login import authenticate, enter, log_in
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.identity import NewToken
from windmill_lite.model.page import Page
from windmill_lite.store.people.scope import Scope

ADA = "ada@here.test"
HERE = "10.0.0.1"


async def test_the_setup_link_makes_one_admin_and_works_once(world: World) -> None:
    token = await setup.new_setup_token(world)
    assert token is not None
    assert await setup.setup_needed(world)
    ask = {"setup_token": token, "email": " Ada@Here.test ", "password": PASSWORD, "name": None}
    session = await setup.set_up(world, **ask)  # type: ignore[arg-type]
    assert (await authenticate(world, session)).email == ADA
    assert not await setup.setup_needed(world)
    with pytest.raises(Unauthenticated, match="restart windmill-lite"):
        await setup.set_up(world, **ask)  # type: ignore[arg-type]
    assert await setup.new_setup_token(world) is None


async def test_a_setup_link_expires_and_a_newer_one_ends_it(
    world: World, clock: JumpingClock
) -> None:
    first = await setup.new_setup_token(world)
    second = await setup.new_setup_token(world)
    clock.jump(limits.SETUP_LINK_S + 1)
    for token in (first, second, "guess"):
        with pytest.raises(Unauthenticated):
            await setup.set_up(
                world, setup_token=token or "", email=ADA, password=PASSWORD, name=None
            )


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [("nobody", PASSWORD, "email"), (ADA, "short", "password"), (ADA, "x" * 300, "password")],
)
async def test_setup_says_what_is_wrong_and_keeps_the_link(
    world: World, email: str, password: str, field: str
) -> None:
    token = await setup.new_setup_token(world)
    assert token is not None
    with pytest.raises(Invalid) as caught:
        await setup.set_up(world, setup_token=token, email=email, password=password, name=None)
    assert caught.value.field == field
    await setup.set_up(world, setup_token=token, email=ADA, password=PASSWORD, name=None)


async def test_the_admin_of_the_environment_is_made_only_when_there_is_no_account(
    world: World,
) -> None:
    assert await setup.first_account(world, email=ADA, password=PASSWORD)
    assert not await setup.first_account(world, email="eve@here.test", password=PASSWORD)
    assert not await accounts.exists(world, "eve@here.test")


async def test_a_password_logs_in_and_a_session_ends_with_logout(
    world: World, admin: Scope
) -> None:
    session = await log_in(world, "ADA@here.test", PASSWORD, address=HERE)
    assert (await authenticate(world, session)).email == ADA
    await login.log_out(world, session)
    with pytest.raises(Unauthenticated):
        await authenticate(world, session)


async def test_a_session_expires(world: World, admin: Scope, clock: JumpingClock) -> None:
    session = await log_in(world, ADA, PASSWORD, address=HERE)
    clock.jump(limits.SESSION_S + 1)
    with pytest.raises(Unauthenticated, match="expired"):
        await authenticate(world, session)


async def test_an_unknown_email_and_a_wrong_password_look_the_same(
    world: World, admin: Scope
) -> None:
    said = []
    for email in (ADA, "nobody@here.test"):
        with pytest.raises(Unauthenticated) as caught:
            await log_in(world, email, "wrong password", address=HERE)
        said.append(str(caught.value))
    assert said[0] == said[1]


@pytest.mark.timeout(120)
async def test_logins_are_throttled_until_the_window_has_passed(
    world: World, admin: Scope, clock: JumpingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LOGIN_FAILURES_MAX", 2)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await log_in(world, ADA, "wrong password", address=HERE)
    with pytest.raises(Busy) as caught:
        await log_in(world, ADA, PASSWORD, address="10.0.0.2")
    assert caught.value.retry_after_s == limits.LOGIN_WINDOW_S
    with pytest.raises(Busy):
        await log_in(world, "someone@here.test", PASSWORD, address=HERE)
    clock.jump(limits.LOGIN_WINDOW_S + 1)
    await log_in(world, ADA, PASSWORD, address=HERE)


async def test_a_new_password_ends_every_other_session(world: World, admin: Scope) -> None:
    kept = await log_in(world, ADA, PASSWORD, address=HERE)
    other = await log_in(world, ADA, PASSWORD, address=HERE)
    await accounts.set_password(
        world, await authenticate(world, kept), "another long one", token=kept
    )
    await authenticate(world, kept)
    with pytest.raises(Unauthenticated):
        await authenticate(world, other)
    await log_in(world, ADA, "another long one", address=HERE)


async def test_a_token_is_shown_once_listed_by_its_prefix_and_deleted(
    world: World, admin: Scope
) -> None:
    session = await authenticate(world, await log_in(world, ADA, PASSWORD, address=HERE))
    token = await tokens.create(world, session, NewToken(label="ci"))
    assert (await authenticate(world, token)).email == ADA
    found = await tokens.listed(world, session, Page(), sessions=False)
    assert [(one.label, one.prefix) for one in found] == [("ci", token[:10])]
    assert await tokens.delete(world, session, token[:10]) == 1
    with pytest.raises(Unauthenticated):
        await authenticate(world, token)


async def test_a_limited_token_makes_no_token_of_more_rights(world: World, admin: Scope) -> None:
    session = await authenticate(world, await log_in(world, ADA, PASSWORD, address=HERE))
    for new in (
        NewToken(scopes=("jobs:read",)),
        NewToken(read_only=True),
        NewToken(workspace="main"),
    ):
        limited = await authenticate(world, await tokens.create(world, session, new))
        with pytest.raises(Denied):
            await tokens.create(world, limited, NewToken())


async def test_a_token_of_one_workspace_opens_no_other(world: World, admin: Scope) -> None:
    session = await authenticate(world, await log_in(world, ADA, PASSWORD, address=HERE))
    await workspaces.create(world, session, id="other", name="Other", username=None)
    token = await tokens.create(world, session, NewToken(workspace="main"))
    bound = await authenticate(world, token)
    assert (await enter(world, bound, "main")).workspace == "main"
    with pytest.raises(Unauthenticated):
        await enter(world, bound, "other")


async def test_members_enter_and_others_do_not(world: World, admin: Scope) -> None:
    await accounts.make_account(
        world, email="bob@here.test", password=PASSWORD, name="Bob", super_admin=False
    )
    bob = await authenticate(world, await log_in(world, "bob@here.test", PASSWORD, address=HERE))
    with pytest.raises(Unauthenticated, match="not a member"):
        await enter(world, bob, "main")
    with pytest.raises(NotFound):
        await enter(world, bob, "nowhere")
    with pytest.raises(Denied):
        await workspaces.create(world, bob, id="mine", name="Mine", username=None)
    await workspaces.add_member(
        world, admin, email="bob@here.test", username="bob", is_admin=False, operator=True
    )
    scope = await enter(world, bob, "main")
    assert (scope.me, scope.sees_all, scope.identity.operator) == ("u/bob", False, True)
    with pytest.raises(AlreadyExists):
        await workspaces.add_member(
            world, admin, email="bob@here.test", username="b2", is_admin=False, operator=True
        )


async def test_a_workspace_id_is_checked_and_taken_once(world: World, admin: Scope) -> None:
    session = await authenticate(world, await log_in(world, ADA, PASSWORD, address=HERE))
    with pytest.raises(Invalid):
        await workspaces.create(world, session, id="a/b", name="x", username=None)
    with pytest.raises(AlreadyExists):
        await workspaces.create(world, session, id="main", name="x", username=None)

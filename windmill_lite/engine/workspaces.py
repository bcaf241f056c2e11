"""Workspaces and who is in them."""

from __future__ import annotations

from windmill_lite.base.errors import AlreadyExists, Invalid, NotFound
from windmill_lite.core.access import require_admin
from windmill_lite.engine.accounts import require_super_admin
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.identity import Login
from windmill_lite.model.page import Page
from windmill_lite.model.paths import check_username, check_workspace_id, username_from_email
from windmill_lite.model.workspace import Member, Workspace
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import accounts
from windmill_lite.store.people.scope import Scope


async def create(world: World, login: Login, *, id: str, name: str, username: str | None) -> None:
    """A workspace with its creator as the admin."""
    require_super_admin(login)
    await make(world, id=id, name=name, owner=login.email, username=username)


async def make(world: World, *, id: str, name: str, owner: str, username: str | None) -> None:
    """What `create` does, for whoever owns the machine: the command line."""
    check_workspace_id(id)
    if not name.strip() or len(name) > limits.LINE_CHARS_MAX:
        raise Invalid("name of the workspace is empty or too long", field="name")
    name_there = check_username(username or username_from_email(owner))
    member = _member(world, name_there, owner, is_admin=True, operator=False)

    async def body(tx: Tx) -> None:
        if await accounts.credentials(tx, owner) is None:
            raise NotFound(f"the account {owner} does not exist")
        if not await accounts.insert_workspace(
            tx, Workspace(id, name.strip(), owner), now=world.now()
        ):
            raise AlreadyExists(f"workspace {id} exists already", field="id")
        await accounts.insert_member(tx, id, member)

    await world.db.write(body)


async def exists(world: World, id: str) -> bool:
    async with world.db.view() as view:
        return await accounts.workspace_exists(view, id)


async def list_all(world: World, login: Login, page: Page) -> list[Workspace]:
    require_super_admin(login)
    return await everything(world, page)


async def everything(world: World, page: Page) -> list[Workspace]:
    """For whoever owns the machine: the command line."""
    async with world.db.view() as view:
        return await accounts.workspaces(view, page)


async def add_member(
    world: World, scope: Scope, *, email: str, username: str, is_admin: bool, operator: bool
) -> None:
    """Brings an account into the workspace."""
    require_admin(scope.identity)
    check_username(username)
    email = email.strip().lower()
    member = _member(world, username, email, is_admin=is_admin, operator=operator)
    await _insert(world, scope.workspace, member)


async def put_member(world: World, id: str, *, email: str, is_admin: bool) -> None:
    """What `add_member` does, for whoever owns the machine: the command line."""
    email = email.strip().lower()
    member = _member(world, username_from_email(email), email, is_admin=is_admin, operator=False)
    await _insert(world, id, member)


def _member(world: World, username: str, email: str, *, is_admin: bool, operator: bool) -> Member:
    return Member(
        username=username,
        email=email,
        is_admin=is_admin,
        operator=operator,
        disabled=False,
        super_admin=False,
        created_at=world.now(),
    )


async def _insert(world: World, id: str, member: Member) -> None:
    async def body(tx: Tx) -> None:
        if await accounts.workspace(tx, id) is None:
            raise NotFound(f"workspace {id} does not exist")
        if await accounts.credentials(tx, member.email) is None:
            raise NotFound(f"the account {member.email} does not exist")
        if await accounts.member_by_email(tx, id, member.email) is not None:
            raise AlreadyExists(f"{member.email} is in workspace {id} already")
        if await accounts.member_by_username(tx, id, member.username) is not None:
            raise AlreadyExists(f"username {member.username} is taken", field="username")
        await accounts.insert_member(tx, id, member)

    await world.db.write(body)


async def members(world: World, scope: Scope) -> list[Member]:
    async with world.db.view() as view:
        return await accounts.members(view, scope.workspace)

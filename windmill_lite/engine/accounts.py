"""Accounts of the instance: making them, their passwords, where they belong."""

from __future__ import annotations

import asyncio
import re

from windmill_lite.base.errors import AlreadyExists, Denied, Invalid
from windmill_lite.base.ids import token_hash
from windmill_lite.base.passwords import hash_password
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.identity import Account, Login, TokenKind
from windmill_lite.model.page import Page
from windmill_lite.model.workspace import Membership, Workspace
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import accounts, tokens

_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\Z")


def check_email(email: str) -> str:
    """Lower case, trimmed."""
    cleaned = email.strip().lower()
    if len(cleaned) > limits.EMAIL_CHARS_MAX or not _EMAIL.match(cleaned):
        raise Invalid(f"email {email!r} does not look like an address", field="email")
    return cleaned


def check_password(password: str) -> str:
    if len(password) < limits.PASSWORD_CHARS_MIN:
        raise Invalid(
            f"password needs at least {limits.PASSWORD_CHARS_MIN} characters", field="password"
        )
    if len(password) > limits.PASSWORD_CHARS_MAX:
        raise Invalid(
            f"password has more than {limits.PASSWORD_CHARS_MAX} characters", field="password"
        )
    return password


def require_super_admin(login: Login) -> None:
    if not login.super_admin or login.kind is TokenKind.JOB:
        raise Denied(f"{login.email} is not a super admin of this instance")


async def create_account(
    world: World,
    login: Login,
    *,
    email: str,
    password: str | None,
    name: str | None,
    super_admin: bool,
) -> None:
    """An account; without a password it cannot log in with one."""
    require_super_admin(login)
    await make_account(world, email=email, password=password, name=name, super_admin=super_admin)


async def make_account(
    world: World, *, email: str, password: str | None, name: str | None, super_admin: bool
) -> None:
    """What `create_account` does, for whoever owns the machine: the command line."""
    email = check_email(email)
    hashed = None
    if password is not None:
        async with world.hashing:
            hashed = await asyncio.to_thread(hash_password, check_password(password))
    now = world.now()
    account = Account(email, name, super_admin=super_admin, disabled=False, created_at=now)

    async def body(tx: Tx) -> None:
        if not await accounts.insert_account(tx, account, password_hash=hashed, now=now):
            raise AlreadyExists(f"the account {email} exists already", field="email")

    await world.db.write(body)


async def set_password(world: World, login: Login, password: str, *, token: str) -> None:
    """One's own; ends every other session of the account. A job's token may not."""
    if login.kind is TokenKind.JOB or login.read_only or login.scopes is not None:
        raise Denied("only a full token or a session may change the password")
    async with world.hashing:
        hashed = await asyncio.to_thread(hash_password, check_password(password))
    keep = token_hash(token)

    async def body(tx: Tx) -> None:
        await accounts.set_password(tx, login.email, hashed)
        await tokens.delete_other_sessions(tx, login.email, but=keep)

    await world.db.write(body)


async def memberships(world: World, login: Login) -> list[Membership]:
    """Where the account belongs; a super admin belongs everywhere, as an admin."""
    async with world.db.view() as view:
        found = await accounts.memberships(view, login.email)
        if not login.super_admin:
            return found
        known = {membership.workspace.id for membership in found}
        everything = await accounts.workspaces(view, Page(size=limits.PAGE_SIZE_MAX))
    username = login.email.split("@")[0]
    extra = [_as_admin(space, username) for space in everything if space.id not in known]
    return found + extra


def _as_admin(workspace: Workspace, username: str) -> Membership:
    return Membership(workspace, username, is_admin=True, operator=False, disabled=False)


async def list_accounts(world: World, login: Login, page: Page) -> list[Account]:
    require_super_admin(login)
    return await everybody(world, page)


async def everybody(world: World, page: Page) -> list[Account]:
    """What `list_accounts` does, for whoever owns the machine: the command line."""
    async with world.db.view() as view:
        return await accounts.accounts(view, page)


async def exists(world: World, email: str) -> bool:
    async with world.db.view() as view:
        return await accounts.credentials(view, email.strip().lower()) is not None

"""The first admin: there is no default password, there is a link that works once."""

from __future__ import annotations

import asyncio
import hmac

from windmill_lite.base.errors import AlreadyExists, Unauthenticated
from windmill_lite.base.ids import secret_token, token_hash
from windmill_lite.base.passwords import hash_password
from windmill_lite.engine.accounts import check_email, check_password
from windmill_lite.engine.login import new_session
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.identity import Account
from windmill_lite.model.paths import username_from_email
from windmill_lite.model.workspace import Member, Workspace
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import accounts, tokens

_LINK = "setup_link"
FIRST_WORKSPACE = Workspace(id="main", name="Main", owner="")


async def setup_needed(world: World) -> bool:
    """True until there is an account."""
    async with world.db.view() as view:
        return not await accounts.any_account(view)


async def new_setup_token(world: World) -> str | None:
    """A fresh one-time token, which ends an earlier one; None when there is an account."""
    token = secret_token()
    now = world.now()
    expires_at = now + limits.SETUP_LINK_S * 1_000_000

    async def body(tx: Tx) -> str | None:
        if await accounts.any_account(tx):
            return None
        link = {"hash": token_hash(token), "expires_at": expires_at}
        await tokens.put_setting(tx, _LINK, link, now=now)
        return token

    return await world.db.write(body)


async def set_up(
    world: World, *, setup_token: str, email: str, password: str, name: str | None
) -> str:
    """Makes the first admin and the first workspace, uses up the link, answers with a session."""
    email, password = check_email(email), check_password(password)
    async with world.hashing:
        hashed = await asyncio.to_thread(hash_password, password)
    now = world.now()

    async def body(tx: Tx) -> str:
        link = await tokens.setting(tx, _LINK)
        good = (
            link is not None
            and link["expires_at"] > now
            and hmac.compare_digest(link["hash"], token_hash(setup_token))
        )
        # Of those who follow it at once, one deletes it.
        if not (good and await tokens.delete_setting(tx, _LINK)) or await accounts.any_account(tx):
            raise Unauthenticated(
                "the setup link is used or expired; restart windmill-lite to get a new one"
            )
        await first_admin(
            tx,
            Account(email, name, super_admin=True, disabled=False, created_at=now),
            password_hash=hashed,
        )
        return await new_session(tx, email, now)

    return await world.db.write(body)


async def first_admin(tx: Tx, account: Account, *, password_hash: str) -> None:
    """The account, and a workspace in which it is the admin unless one exists already."""
    now = account.created_at
    if not await accounts.insert_account(tx, account, password_hash=password_hash, now=now):
        raise AlreadyExists(f"the account {account.email} exists already", field="email")
    workspace = Workspace(FIRST_WORKSPACE.id, FIRST_WORKSPACE.name, account.email)
    if not await accounts.insert_workspace(tx, workspace, now=now):
        return
    member = Member(
        username=username_from_email(account.email),
        email=account.email,
        is_admin=True,
        operator=False,
        disabled=False,
        super_admin=True,
        created_at=now,
    )
    await accounts.insert_member(tx, workspace.id, member)


async def first_account(
    world: World, *, email: str, password: str, name: str | None = None
) -> bool:
    """The first admin without a link, for whoever owns the machine: from the environment or the
    command line. False, and nothing done, when there is an account already.
    """
    if not await setup_needed(world):
        return False
    email, password = check_email(email), check_password(password)
    async with world.hashing:
        hashed = await asyncio.to_thread(hash_password, password)
    now = world.now()

    async def body(tx: Tx) -> bool:
        await tokens.set_once(tx, _LINK, None, now=now)  # others wait, and then find an account
        await tokens.delete_setting(tx, _LINK)
        if await accounts.any_account(tx):
            return False
        await first_admin(
            tx,
            Account(email, name, super_admin=True, disabled=False, created_at=now),
            password_hash=hashed,
        )
        return True

    return await world.db.write(body)

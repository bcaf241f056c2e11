"""Tokens that people make for their programs."""

from __future__ import annotations

from windmill_lite.base.errors import Denied, Invalid, NotFound, TooLarge
from windmill_lite.base.ids import secret_token, token_hash
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.identity import Login, NewToken, TokenKind
from windmill_lite.model.page import Page
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import accounts, tokens
from windmill_lite.store.machine.tokens import Listed

#: As its owner sees it.
OwnToken = Listed


async def create(world: World, login: Login, new: NewToken) -> str:
    """The token, shown this once. It cannot have more rights than the one it is made with."""
    _require_full(login)
    if new.workspace is not None:
        async with world.db.view() as view:
            if await accounts.workspace(view, new.workspace) is None:
                raise NotFound(f"workspace {new.workspace} does not exist")
    return await mint(world, login.email, new)


async def mint(world: World, email: str, new: NewToken) -> str:
    """What `create` does, for whoever owns the machine: the command line."""
    now = world.now()
    if new.expires_at is not None and new.expires_at <= now:
        raise Invalid("expiration lies in the past", field="expiration")
    token = secret_token()

    async def body(tx: Tx) -> str:
        if await accounts.credentials(tx, email) is None:
            raise NotFound(f"the account {email} does not exist")
        if await tokens.count(tx, email) >= limits.TOKENS_PER_ACCOUNT_MAX:
            raise TooLarge(
                f"{email} has {limits.TOKENS_PER_ACCOUNT_MAX} tokens already; delete some first"
            )
        await tokens.insert(
            tx,
            email,
            token_hash(token),
            prefix=token[:10],
            kind=TokenKind.USER,
            new=new,
            now=now,
        )
        return token

    return await world.db.write(body)


async def delete(world: World, login: Login, prefix: str) -> int:
    """How many of one's own tokens began with the ten characters."""
    _require_full(login)
    return await world.db.write(lambda tx: tokens.delete_by_prefix(tx, login.email, prefix))


async def listed(world: World, login: Login, page: Page, *, sessions: bool) -> list[Listed]:
    async with world.db.view() as view:
        return await tokens.listed(view, login.email, page, sessions=sessions)


def _require_full(login: Login) -> None:
    """A token of fewer rights must not make, or remove, one of more."""
    if login.kind is TokenKind.JOB or login.scopes is not None or login.read_only:
        raise Denied("only a session or a token with all rights may manage tokens")
    if login.workspace is not None:
        raise Denied(f"a token of workspace {login.workspace} alone may not manage tokens")


async def forget_stale(world: World) -> None:
    """Removes expired tokens, and failed logins that no longer count; a read if there are none."""
    now = world.now()
    window = now - limits.LOGIN_WINDOW_S * 1_000_000

    async def body(tx: Tx) -> None:
        await tokens.delete_expired(tx, now)
        await tokens.forget_old_failures(tx, window=window)

    async with world.db.view() as view:
        stale = await tokens.any_stale(view, now=now, window=window)
    if stale:
        await world.db.write(body)

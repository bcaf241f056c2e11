"""From a token to who asks, and from a password to a token."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from windmill_lite.base.errors import Busy, NotFound, Unauthenticated
from windmill_lite.base.ids import secret_token, token_hash
from windmill_lite.base.passwords import verify_password
from windmill_lite.engine import job_token
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.identity import Identity, Login, NewToken, TokenKind
from windmill_lite.model.paths import username_from_email
from windmill_lite.model.workspace import Member
from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.machine import accounts, queue, tokens
from windmill_lite.store.machine.tokens import Stored
from windmill_lite.store.people.scope import Scope

_SECOND = 1_000_000
_NOBODY = "the token is unknown, expired or revoked"


async def authenticate(world: World, token: str) -> Login:
    """Who holds this token; `Unauthenticated` when nobody does any more."""
    async with world.db.view() as view:
        login, unused_since = await _holder(world, view, token)
    await _touch(world, token, unused_since)
    return login


async def enter(world: World, login: Login, workspace: str) -> Scope:
    """The holder of a token as somebody in a workspace."""
    async with world.db.view() as view:
        return await inside(view, login, workspace)


async def identify(
    world: World, token: str, workspace: str, check: Callable[[Login], None]
) -> tuple[Login, Scope]:
    """`authenticate`, `check` and `enter` with one read: every request pays for this."""
    if token.startswith(job_token.PREFIX):
        async with world.db.view() as view:
            login = await _job_holder(world, view, token)
            check(login)
            return login, await inside(view, login, workspace)
    hashed = token_hash(token)
    stored = await world.together.read(
        ("token", hashed, workspace), lambda: _known(world, hashed, workspace), world.db.changes
    )
    _require_valid(world, stored)
    check(stored.login)
    if stored.member is None:
        scope = await enter(world, stored.login, workspace)
    else:
        scope = _scope(stored.login, workspace, stored.member)
    await _touch(world, token, stored.last_used_at)
    return stored.login, scope


async def _touch(world: World, token: str, unused_since: int | None) -> None:
    """Remembers that the token is in use, at most once in `TOKEN_TOUCH_S`."""
    now = world.now()
    if unused_since is not None and now - unused_since > limits.TOKEN_TOUCH_S * _SECOND:
        hashed = token_hash(token)
        await world.db.write(lambda tx: tokens.touch(tx, hashed, now))


async def _holder(world: World, view: View, token: str) -> tuple[Login, int | None]:
    """The holder, and when a stored token was last used (µs); a job's token is not stored."""
    if token.startswith(job_token.PREFIX):
        return await _job_holder(world, view, token), None
    stored = await _stored(view, token_hash(token), None)
    _require_valid(world, stored)
    return stored.login, stored.last_used_at


async def _known(world: World, hashed: str, workspace: str) -> Stored:
    async with world.db.view() as view:
        return await _stored(view, hashed, workspace)


async def _stored(view: View, hashed: str, workspace: str | None) -> Stored:
    stored = await tokens.find(view, hashed, workspace)
    if stored is None:
        raise Unauthenticated(_NOBODY)
    return stored


def _require_valid(world: World, stored: Stored) -> None:
    """Now, whenever it was read."""
    if stored.expires_at is not None and stored.expires_at <= world.now():
        raise Unauthenticated(_NOBODY)
    if stored.disabled:
        raise Unauthenticated(f"the account {stored.login.email} is disabled")


async def _job_holder(world: World, view: View, token: str) -> Login:
    subject = job_token.parse(world.instance_key, token)
    if subject is None:
        raise Unauthenticated("the job token is not valid")
    job_id, attempt = subject
    running = await queue.running_attempt(view, job_id, attempt)
    if running is None:
        raise Unauthenticated(f"the job token is no longer valid: job {job_id} has ended")
    credentials = await accounts.credentials(view, running["email"])
    if credentials is None or credentials.account.disabled:
        raise Unauthenticated(f"the account {running['email']} is gone or disabled")
    return Login(
        email=running["email"],
        kind=TokenKind.JOB,
        prefix=token[:10],
        super_admin=credentials.account.super_admin,
        name=credentials.account.name,
        workspace=running["workspace"],
        job_id=job_id,
        permissioned_as=running["permissioned_as"],
    )


async def inside(view: View, login: Login, workspace: str) -> Scope:
    """`enter`, on a connection that is there already."""
    member = await accounts.member_by_email(view, workspace, login.email)
    opens = login.workspace in (None, workspace)
    if member is None and opens and await accounts.workspace(view, workspace) is None:
        raise NotFound(f"workspace {workspace} does not exist")
    return _scope(login, workspace, member)


def _scope(login: Login, workspace: str, member: Member | None) -> Scope:
    """`inside`, for whom it is known who they are in a workspace that exists."""
    if login.workspace is not None and login.workspace != workspace:
        raise Unauthenticated(f"this token does not open workspace {workspace}")
    if member is None and not login.super_admin:
        raise Unauthenticated(f"{login.email} is not a member of workspace {workspace}")
    if member is not None and member.disabled:
        raise Unauthenticated(f"{login.email} is disabled in workspace {workspace}")
    return Scope(
        Identity(
            workspace=workspace,
            username=member.username if member else username_from_email(login.email),
            email=login.email,
            is_admin=login.super_admin or (member is not None and member.is_admin),
            operator=member is not None and member.operator,
            super_admin=login.super_admin,
            scopes=login.scopes,
            read_only=login.read_only,
            job_id=login.job_id,
        )
    )


async def log_in(world: World, email: str, password: str, *, address: str) -> str:
    """A session's token. Ten failures in a quarter of an hour, for the account or for the address
    they come from, and it is `Busy` until the window has passed.
    """
    email = email.strip().lower()
    keys = (f"account {email}", f"address {address}")
    now = world.now()
    window = now - limits.LOGIN_WINDOW_S * _SECOND
    async with world.db.view() as view:
        failures = await tokens.failures(view, keys, window=window)
        credentials = await accounts.credentials(view, email)
    if failures >= limits.LOGIN_FAILURES_MAX:
        raise Busy(
            f"too many failed logins; try again in {limits.LOGIN_WINDOW_S // 60} minutes",
            retry_after_s=limits.LOGIN_WINDOW_S,
        )
    stored = credentials.password_hash if credentials else None
    async with world.hashing:
        good = await asyncio.to_thread(verify_password, password, stored)
    if not good or credentials is None or credentials.account.disabled:

        async def failed(tx: Tx) -> None:
            await tokens.count_failure(tx, keys, now=now, window=window)

        await world.db.write(failed)
        raise Unauthenticated("email or password is wrong")

    async def entered(tx: Tx) -> str:
        await tokens.forget_failures(tx, keys)
        return await new_session(tx, email, now)

    return await world.db.write(entered)


async def new_session(tx: Tx, email: str, now: int) -> str:
    """A browser's token, good for two weeks."""
    token = secret_token()
    new = NewToken(label="session", expires_at=now + limits.SESSION_S * _SECOND)
    await tokens.insert(
        tx,
        email,
        token_hash(token),
        prefix=token[:10],
        kind=TokenKind.SESSION,
        new=new,
        now=now,
    )
    return token


async def log_out(world: World, token: str) -> None:
    hashed = token_hash(token)
    await world.db.write(lambda tx: tokens.delete(tx, hashed))

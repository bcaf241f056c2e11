"""Stored tokens, failed logins and the instance's own settings. Only hashes of tokens come here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from windmill_lite.base.codec import Json
from windmill_lite.model.identity import Login, NewToken, TokenKind
from windmill_lite.model.page import Page
from windmill_lite.model.workspace import Member
from windmill_lite.store.db.port import Row, Tx, View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "accounts.sql")


@dataclass(frozen=True, slots=True)
class Stored:
    """A token as it is looked up: whom it speaks for and until when; moments in µs."""

    login: Login
    disabled: bool
    expires_at: int | None
    last_used_at: int
    member: Member | None = None  # of the workspace that was asked about


@dataclass(frozen=True, slots=True)
class Listed:
    """A token as its owner sees it."""

    prefix: str
    label: str | None
    kind: TokenKind
    workspace: str | None
    scopes: tuple[str, ...] | None
    read_only: bool
    created_at: int
    expires_at: int | None
    last_used_at: int


def _scopes(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(json.loads(text))


async def find(view: View, hash_: str, workspace: str | None = None) -> Stored | None:
    """The token, and with a workspace also who its holder is there."""
    row = await view.one(Q.token, hash=hash_, workspace=workspace)
    if row is None:
        return None
    login = Login(
        email=row["email"],
        kind=TokenKind(row["kind"]),
        prefix=row["prefix"],
        super_admin=bool(row["super_admin"]),
        name=row["name"],
        workspace=row["workspace"],
        scopes=_scopes(row["scopes"]),
        read_only=bool(row["read_only"]),
    )
    member = _member(row) if workspace is not None and row["username"] is not None else None
    return Stored(login, bool(row["disabled"]), row["expires_at"], row["last_used_at"], member)


def _member(row: Row) -> Member:
    return Member(
        username=row["username"],
        email=row["email"],
        is_admin=bool(row["is_admin"]),
        operator=bool(row["operator"]),
        disabled=bool(row["shut_out"]),
        super_admin=bool(row["super_admin"]),
        created_at=row["joined_at"],
    )


async def insert(
    tx: Tx, email: str, hash_: str, *, prefix: str, kind: TokenKind, new: NewToken, now: int
) -> None:
    await tx.run(
        Q.insert_token,
        hash=hash_,
        prefix=prefix,
        email=email,
        kind=str(kind),
        label=new.label,
        workspace=new.workspace,
        scopes=None if new.scopes is None else json.dumps(new.scopes),
        read_only=int(new.read_only),
        now=now,
        expires_at=new.expires_at,
    )


async def touch(tx: Tx, hash_: str, now: int) -> None:
    await tx.run(Q.touch_token, hash=hash_, now=now)


async def listed(view: View, email: str, page: Page, *, sessions: bool) -> list[Listed]:
    rows = await view.all(
        Q.tokens,
        email=email,
        no_sessions=None if sessions else 1,
        limit=page.limit,
        offset=page.offset,
    )
    return [
        Listed(
            prefix=row["prefix"],
            label=row["label"],
            kind=TokenKind(row["kind"]),
            workspace=row["workspace"],
            scopes=_scopes(row["scopes"]),
            read_only=bool(row["read_only"]),
            created_at=row["created_at"],
            expires_at=row["expires_at"],
            last_used_at=row["last_used_at"],
        )
        for row in rows
    ]


async def count(view: View, email: str) -> int:
    row = await view.one(Q.count_tokens, email=email)
    return row["tokens"] if row else 0


async def delete(tx: Tx, hash_: str) -> int:
    return await tx.run(Q.delete_token, hash=hash_)


async def delete_by_prefix(tx: Tx, email: str, prefix: str) -> int:
    return await tx.run(Q.delete_token_by_prefix, email=email, prefix=prefix)


async def delete_other_sessions(tx: Tx, email: str, *, but: str) -> int:
    return await tx.run(Q.delete_sessions, email=email, but=but)


async def delete_expired(tx: Tx, now: int) -> int:
    return await tx.run(Q.delete_expired_tokens, now=now)


async def any_stale(view: View, *, now: int, window: int) -> bool:
    """Whether there are expired tokens, or failures older than `window`."""
    return await view.one(Q.any_stale, now=now, window=window) is not None


async def failures(view: View, keys: Sequence[str], *, window: int) -> int:
    """The most failures any of the keys has had since `window`."""
    rows = await view.all(Q.login_failures, keys=tuple(keys))
    return max((row["failures"] for row in rows if row["since"] >= window), default=0)


async def count_failure(tx: Tx, keys: Sequence[str], *, now: int, window: int) -> None:
    for key in keys:
        await tx.run(Q.count_failure, key=key, now=now, window=window)


async def forget_failures(tx: Tx, keys: Sequence[str]) -> None:
    await tx.run(Q.forget_failures, keys=tuple(keys))


async def forget_old_failures(tx: Tx, *, window: int) -> int:
    return await tx.run(Q.forget_old_failures, window=window)


async def setting(view: View, name: str) -> Json:
    """The value, None when it was never set."""
    row = await view.one(Q.setting, name=name)
    return json.loads(row["value"]) if row else None


async def set_once(tx: Tx, name: str, value: Json, *, now: int) -> None:
    """The first to set it wins, on every node; nobody changes it while this transaction lasts."""
    await tx.run(Q.insert_setting, name=name, value=json.dumps(value), now=now)


async def put_setting(tx: Tx, name: str, value: Json, *, now: int) -> None:
    await tx.run(Q.put_setting, name=name, value=json.dumps(value), now=now)


async def delete_setting(tx: Tx, name: str) -> int:
    return await tx.run(Q.delete_setting, name=name)

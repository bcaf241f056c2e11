"""Accounts and their places in workspaces."""

from __future__ import annotations

from dataclasses import dataclass

from windmill_lite.model.identity import Account
from windmill_lite.model.page import Page
from windmill_lite.model.workspace import Member, Membership, Workspace
from windmill_lite.store.db.port import Row, Tx, View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "accounts.sql")


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account with what proves it."""

    account: Account
    password_hash: str | None


def _account_of(row: Row) -> Account:
    return Account(
        email=row["email"],
        name=row["name"],
        super_admin=bool(row["super_admin"]),
        disabled=bool(row["disabled"]),
        created_at=row["created_at"],
    )


def _workspace_of(row: Row) -> Workspace:
    return Workspace(id=row["id"], name=row["name"], owner=row["owner"], color=row["color"])


def _member_of(row: Row, *, super_admin: bool = False) -> Member:
    return Member(
        username=row["username"],
        email=row["email"],
        is_admin=bool(row["is_admin"]),
        operator=bool(row["operator"]),
        disabled=bool(row["disabled"]),
        super_admin=super_admin,
        created_at=row["created_at"],
    )


async def credentials(view: View, email: str) -> Credentials | None:
    row = await view.one(Q.account, email=email)
    return Credentials(_account_of(row), row["password_hash"]) if row else None


async def accounts(view: View, page: Page) -> list[Account]:
    rows = await view.all(Q.accounts, limit=page.limit, offset=page.offset)
    return [_account_of(row) for row in rows]


async def any_account(view: View) -> bool:
    return await view.one(Q.any_account) is not None


async def insert_account(tx: Tx, account: Account, *, password_hash: str | None, now: int) -> bool:
    """False when the email is taken."""
    return bool(
        await tx.run(
            Q.insert_account,
            email=account.email,
            name=account.name,
            password_hash=password_hash,
            super_admin=int(account.super_admin),
            now=now,
        )
    )


async def set_password(tx: Tx, email: str, password_hash: str) -> None:
    await tx.run(Q.set_password, email=email, password_hash=password_hash)


async def insert_workspace(tx: Tx, workspace: Workspace, *, now: int) -> bool:
    """False when the id is taken, be it by a deleted workspace."""
    return bool(
        await tx.run(
            Q.insert_workspace,
            id=workspace.id,
            name=workspace.name,
            owner=workspace.owner,
            now=now,
        )
    )


async def workspace(view: View, id_: str) -> Workspace | None:
    row = await view.one(Q.workspace, id=id_)
    return _workspace_of(row) if row else None


async def workspace_exists(view: View, id_: str) -> bool:
    return await view.one(Q.workspace_exists, id=id_) is not None


async def workspaces(view: View, page: Page) -> list[Workspace]:
    rows = await view.all(Q.workspaces, limit=page.limit, offset=page.offset)
    return [_workspace_of(row) for row in rows]


async def insert_member(tx: Tx, workspace_id: str, member: Member) -> None:
    await tx.run(
        Q.insert_member,
        workspace=workspace_id,
        username=member.username,
        email=member.email,
        is_admin=int(member.is_admin),
        operator=int(member.operator),
        now=member.created_at,
    )


async def member_by_email(view: View, workspace_id: str, email: str) -> Member | None:
    row = await view.one(Q.member_by_email, workspace=workspace_id, email=email)
    return _member_of(row) if row else None


async def member_by_username(view: View, workspace_id: str, username: str) -> Member | None:
    row = await view.one(Q.member_by_username, workspace=workspace_id, username=username)
    return _member_of(row) if row else None


async def members(view: View, workspace_id: str) -> list[Member]:
    rows = await view.all(Q.members, workspace=workspace_id)
    return [_member_of(row, super_admin=bool(row["super_admin"])) for row in rows]


async def memberships(view: View, email: str) -> list[Membership]:
    rows = await view.all(Q.memberships, email=email)
    return [
        Membership(
            workspace=_workspace_of(row),
            username=row["username"],
            is_admin=bool(row["is_admin"]),
            operator=bool(row["operator"]),
            disabled=bool(row["disabled"]),
        )
        for row in rows
    ]

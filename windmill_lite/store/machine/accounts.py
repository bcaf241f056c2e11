"""Accounts and their places in workspaces."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from windmill_lite.base.codec import dumps
from windmill_lite.model.identity import Account
from windmill_lite.model.page import Page
from windmill_lite.model.workspace import Group, Member, Membership, Workspace
from windmill_lite.store.db.port import Row, Tx, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.rows import reader

Q = load(__package__, "accounts.sql")


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account with what proves it."""

    account: Account
    password_hash: str | None


_account_of, _workspace_of = reader(Account), reader(Workspace)


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


def _group_of(row: Row) -> Group:
    return Group(row["name"], row["summary"], extra_perms=json.loads(row["extra_perms"]))


async def groups(view: View, workspace_id: str, page: Page) -> list[Group]:
    limit, offset = page.limit, page.offset
    rows = await view.all(Q.groups, workspace=workspace_id, limit=limit, offset=offset)
    return await _with_members(view, workspace_id, [_group_of(row) for row in rows])


async def group(view: View, workspace_id: str, name: str) -> Group | None:
    row = await view.one(Q.group, workspace=workspace_id, name=name)
    found = [_group_of(row)] if row else []
    return next(iter(await _with_members(view, workspace_id, found)), None)


async def _with_members(view: View, workspace_id: str, found: list[Group]) -> list[Group]:
    if not found:
        return []
    names = tuple(each.name for each in found)
    inside: defaultdict[str, list[str]] = defaultdict(list)
    for row in await view.all(Q.group_members, workspace=workspace_id, names=names):
        inside[row["name"]].append(row["username"])
    return [replace(each, members=tuple(inside[each.name])) for each in found]


async def groups_of(
    view: View, workspace_id: str, username: str | None = None
) -> Mapping[str, list[str]]:
    """The groups of one member, or of every one, but that of everybody."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in await view.all(Q.groups_of, workspace=workspace_id, username=username):
        found[row["username"]].append(row["name"])
    return found


async def count_groups(view: View, workspace_id: str) -> int:
    row = await view.one(Q.count_groups, workspace=workspace_id)
    return int(row["groups"]) if row else 0


async def insert_group(tx: Tx, workspace_id: str, new: Group, *, now: int) -> bool:
    """False when the name is taken. Its members are inserted one by one."""
    return bool(await tx.run(Q.insert_group, now=now, **_group_columns(workspace_id, new)))


async def hold_group(tx: Tx, workspace_id: str, name: str, *, now: int) -> Group | None:
    """The group, which nobody else changes until this transaction ends."""
    if not await tx.run(Q.hold_group, workspace=workspace_id, name=name, now=now):
        return None
    return await group(tx, workspace_id, name)


async def edit_group(tx: Tx, workspace_id: str, edited: Group) -> None:
    await tx.run(Q.edit_group, **_group_columns(workspace_id, edited))


def _group_columns(workspace_id: str, group: Group) -> dict[str, str]:
    perms = dumps(dict(group.extra_perms))
    named = {"workspace": workspace_id, "name": group.name}
    return {**named, "summary": group.summary, "extra_perms": perms}


async def insert_group_member(tx: Tx, workspace_id: str, name: str, username: str) -> None:
    """Nothing happens to who is in it already."""
    await tx.run(Q.insert_group_member, workspace=workspace_id, name=name, username=username)


async def delete_group_member(tx: Tx, workspace_id: str, name: str, username: str) -> None:
    await tx.run(Q.delete_group_members, workspace=workspace_id, name=name, username=username)


async def delete_group(tx: Tx, workspace_id: str, name: str) -> None:
    await tx.run(Q.delete_group_members, workspace=workspace_id, name=name, username=None)
    await tx.run(Q.delete_group, workspace=workspace_id, name=name)

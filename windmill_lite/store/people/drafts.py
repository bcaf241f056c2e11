"""Drafts for people."""

from __future__ import annotations

from windmill_lite.model.draft import Draft, DraftAt
from windmill_lite.model.limits import DRAFTS_MAX
from windmill_lite.store.db.port import Row, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.people.scope import Scope

Q = load(__package__, "drafts.sql")


async def own(view: View, scope: Scope, at: DraftAt) -> Draft | None:
    who = scope.identity
    row = await view.one(
        Q.own,
        workspace=scope.workspace,
        kind=at.kind,
        path=at.path,
        email=who.email,
        username=who.username,
    )
    return _draft_of(row) if row else None


async def of(view: View, scope: Scope, at: DraftAt, *, whose: str) -> Draft | None:
    """A member's, at a path that one may read; `whose` is a username."""
    row = await view.one(
        Q.another,
        workspace=scope.workspace,
        kind=at.kind,
        path=at.path,
        email=scope.identity.email,
        whose=whose,
        sees_all=int(scope.sees_all),
        home=scope.home,
    )
    return _draft_of(row) if row else None


async def own_paths(view: View, scope: Scope, kind: str) -> frozenset[str]:
    rows = await view.all(
        Q.own_paths, workspace=scope.workspace, kind=kind, email=scope.identity.email
    )
    return frozenset(row["path"] for row in rows)


async def list_drafts(view: View, scope: Scope, *, all_users: bool) -> list[Draft]:
    """Without their values, the newest first, at most `DRAFTS_MAX`."""
    rows = await view.all(
        Q.list,
        workspace=scope.workspace,
        email=scope.identity.email,
        mine_only=None if all_users else 1,
        sees_all=int(scope.sees_all),
        home=scope.home,
        limit=DRAFTS_MAX,
    )
    return [_draft_of(row) for row in rows]


def _draft_of(row: Row) -> Draft:
    return Draft(
        DraftAt(row["kind"], row["path"]),
        row["value"],
        row["summary"],
        row["new_path"],
        row["saved_at"],
        username=row["username"],
        mine=bool(row["mine"]),
        deployed=bool(row.get("deployed")),
    )

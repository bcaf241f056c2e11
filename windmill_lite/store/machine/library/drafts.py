"""Drafts: each belongs to one person, by email."""

from __future__ import annotations

from windmill_lite.model.draft import Draft, DraftAt
from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "drafts.sql")


async def saved_at(view: View, workspace: str, email: str, at: DraftAt) -> int | None:
    """µs; None when the person has no such draft."""
    row = await view.one(Q.draft, workspace=workspace, email=email, kind=at.kind, path=at.path)
    return row["saved_at"] if row else None


async def put(tx: Tx, workspace: str, email: str, draft: Draft) -> None:
    await tx.run(
        Q.put,
        workspace=workspace,
        email=email,
        kind=draft.at.kind,
        path=draft.at.path,
        value=draft.value,
        summary=draft.summary,
        new_path=draft.new_path,
        saved_at=draft.saved_at,
    )


async def delete(tx: Tx, workspace: str, email: str, at: DraftAt) -> bool:
    changed = await tx.run(Q.delete, workspace=workspace, email=email, kind=at.kind, path=at.path)
    return bool(changed)


async def move(tx: Tx, workspace: str, email: str, at: DraftAt, *, to_path: str) -> None:
    await tx.run(
        Q.move, workspace=workspace, email=email, kind=at.kind, path=at.path, to_path=to_path
    )


async def count(view: View, workspace: str, email: str) -> int:
    row = await view.one(Q.count, workspace=workspace, email=email)
    return row["drafts"] if row else 0

"""Variables and the keys of their secrets, one statement each."""

from __future__ import annotations

from dataclasses import dataclass

from windmill_lite.base.codec import dumps
from windmill_lite.model.variable import Variable
from windmill_lite.store.db.port import Tx, Value, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.rows import variable_of

Q = load(__package__, "variables.sql")


async def get(view: View, workspace: str, path: str) -> Variable | None:
    row = await view.one(Q.variable, workspace=workspace, path=path)
    return variable_of(row) if row else None


async def insert(tx: Tx, variable: Variable) -> bool:
    """False, and nothing changed, when the path is taken."""
    return bool(await tx.run(Q.insert_variable, **_columns(variable)))


async def edit(tx: Tx, variable: Variable, *, seen: Variable) -> bool:
    """False, and nothing changed, when `seen` is no longer what is stored."""
    return bool(await tx.run(Q.edit_variable, seen_edited_at=seen.edited_at, **_columns(variable)))


def _columns(variable: Variable) -> dict[str, Value]:
    return {
        "workspace": variable.workspace,
        "path": variable.path,
        "value": variable.value,
        "is_secret": int(variable.is_secret),
        "description": variable.description,
        "labels": dumps(list(variable.labels)),
        "edited_by": variable.edited_by,
        "edited_at": variable.edited_at,
    }


async def delete(tx: Tx, workspace: str, path: str) -> bool:
    return bool(await tx.run(Q.delete_variable, workspace=workspace, path=path))


async def keys(view: View, workspace: str) -> dict[int, str]:
    """The keys of a workspace by number, each sealed."""
    return {row["number"]: row["sealed"] for row in await view.all(Q.keys, workspace=workspace)}


async def insert_key(tx: Tx, workspace: str, number: int, sealed: str, *, now: int) -> bool:
    """False when there is one of this number already."""
    return bool(
        await tx.run(Q.insert_key, workspace=workspace, number=number, sealed=sealed, now=now)
    )


@dataclass(frozen=True, slots=True)
class WorkspaceKey:
    """A key as it is stored: `sealed` with the instance's."""

    workspace: str
    number: int
    sealed: str


async def all_keys(view: View) -> list[WorkspaceKey]:
    rows = await view.all(Q.all_keys)
    return [WorkspaceKey(row["workspace"], row["number"], row["sealed"]) for row in rows]


async def reseal_key(tx: Tx, key: WorkspaceKey) -> None:
    await tx.run(Q.reseal_key, workspace=key.workspace, number=key.number, sealed=key.sealed)


async def delete_secrets(tx: Tx) -> int:
    """Of every workspace, with the keys they were sealed with; how many secrets there were."""
    await tx.run(Q.delete_keys)
    return await tx.run(Q.delete_secrets)

"""Which scripts import which: written with every version, read when one of them is deployed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "links.sql")


@dataclass(frozen=True, slots=True)
class Importer:
    """The newest version of a script that leads to another one."""

    hash: str
    path: str
    language: str
    tag: str | None
    created_by: str
    email: str | None  # of its author, who may be gone


async def put(tx: Tx, workspace: str, importer: str, imported: Sequence[str]) -> None:
    """From now on the script imports these paths, and no others."""
    await tx.run(Q.forget, workspace=workspace, importer=importer)
    for path in dict.fromkeys(imported):
        await tx.run(Q.note, workspace=workspace, importer=importer, imported=path)


async def importers(view: View, workspace: str, path: str, *, most: int) -> list[Importer]:
    """All whose packages depend on a script, by however many steps; in the order of their paths."""
    rows = await view.all(Q.importers, workspace=workspace, path=path, most=most)
    return [Importer(**row) for row in rows]

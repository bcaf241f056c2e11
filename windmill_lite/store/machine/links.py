"""Which scripts import which: written with every version, read when one of them is deployed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "links.sql")


@dataclass(frozen=True, slots=True)
class Importer:
    """The newest version of a script, or of a flow, that leads to a script."""

    hash: str
    path: str
    tag: str | None
    created_by: str
    email: str | None  # of its author, who may be gone
    language: str | None = None  # of a script


async def put(tx: Tx, workspace: str, importer: str, imported: Sequence[str]) -> None:
    """From now on the script imports these paths, and no others."""
    await tx.run(Q.forget, workspace=workspace, importer=importer)
    for path in dict.fromkeys(imported):
        await tx.run(Q.note, workspace=workspace, importer=importer, imported=path)


async def importers(view: View, workspace: str, path: str, *, most: int) -> list[Importer]:
    """All whose packages depend on a script, by however many steps; in the order of their paths."""
    rows = await view.all(Q.importers, workspace=workspace, path=path, most=most)
    return [Importer(**row) for row in rows]


async def put_flow(tx: Tx, workspace: str, path: str, imported: Sequence[str]) -> None:
    """The same for the steps of a flow."""
    await put(tx, workspace, f"flow:{path}", imported)


async def flow_importers(view: View, workspace: str, path: str, *, most: int) -> list[Importer]:
    """The flows with a step whose packages depend on a script."""
    rows = await view.all(Q.flow_importers, workspace=workspace, path=path, most=most)
    return [Importer(**row) for row in rows]

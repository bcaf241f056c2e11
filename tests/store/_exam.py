"""What the exam of the port shares: its queries and a few words to write and read with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

from windmill_lite.store.db.port import Body, Db, Query, Tx
from windmill_lite.store.db.sqlfile import parse

Q = parse(Path(__file__).with_name("exam.sql").read_text(), "exam.sql")


def adding(word: str, row_id: UUID | None = None, *, ring: str | None = None) -> Body[UUID]:
    """A body that adds a row and returns its id."""
    fresh = row_id or uuid4()

    async def add(tx: Tx) -> UUID:
        await tx.run(Q["add_word"], id=fresh, word=word)
        if ring:
            tx.ring(ring)
        return fresh

    return add


def running(query: Query) -> Body[int]:
    """A body that runs a query without parameters."""

    async def run(tx: Tx) -> int:
        return await tx.run(query)

    return run


async def words(db: Db) -> Sequence[str]:
    """Every word there is, sorted."""
    async with db.view() as view:
        return [row["word"] for row in await view.all(Q["words"])]

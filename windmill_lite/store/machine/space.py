"""How much room the database takes."""

from __future__ import annotations

from windmill_lite.store.db.port import View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "space.sql")


async def used_bytes(view: View) -> int:
    """What is filled: room that was freed and will be used again does not count. On Postgres an
    estimate, some seconds old.
    """
    row = await view.one(Q.space)
    return int(row["used_bytes"]) if row else 0

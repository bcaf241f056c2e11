"""Scripts of hubs, one statement each."""

from __future__ import annotations

from windmill_lite.model.script import HubScript
from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "hub.sql")


async def script(view: View, hub: str, number: int) -> HubScript | None:
    row = await view.one(Q.script, hub=hub, number=number)
    return HubScript(**row) if row else None


async def keep(tx: Tx, hub: str, number: int, found: HubScript, *, now: int) -> None:
    """Nothing, when there is one already."""
    await tx.run(
        Q.keep,
        hub=hub,
        number=number,
        content=found.content,
        language=found.language,
        lock=found.lock,
        schema=found.schema,
        summary=found.summary,
        now=now,
    )

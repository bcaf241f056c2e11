"""Workers for people."""

from __future__ import annotations

import json

from windmill_lite.model.identity import Login
from windmill_lite.model.page import Page
from windmill_lite.model.worker import Language, Worker
from windmill_lite.store.db.port import View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "workers.sql")


async def list_workers(view: View, login: Login, page: Page) -> list[Worker]:
    """Whoever is logged in may see them: the instance, not a workspace, is the scope."""
    assert login.email, "a login without an account"
    rows = await view.all(Q.list, limit=page.limit, offset=page.offset)
    return [
        Worker(
            id=row["id"],
            name=row["name"],
            host=row["host"],
            tags=tuple(json.loads(row["tags"])),
            slots=row["slots"],
            version=row["version"],
            sandbox=row["sandbox"],
            started_at=row["started_at"],
            last_seen_at=row["last_seen_at"],
            jobs_done=row["jobs_done"],
            memory_kb=row["memory_kb"],
            languages=tuple(Language(**told) for told in json.loads(row["languages"])),
            lease_us=row["lease_us"],
        )
        for row in rows
    ]

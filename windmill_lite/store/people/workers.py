"""Workers for people."""

from __future__ import annotations

import json

from windmill_lite.model.identity import Login
from windmill_lite.model.page import Page
from windmill_lite.model.worker import Language, Worker
from windmill_lite.store.db.port import Row, View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "workers.sql")


async def list_workers(view: View, login: Login, page: Page) -> list[Worker]:
    """Whoever is logged in may see them: the instance, not a workspace, is the scope."""
    assert login.email, "a login without an account"
    rows = await view.all(Q.list, limit=page.limit, offset=page.offset)
    return [_worker_of(row) for row in rows]


def _worker_of(row: Row) -> Worker:
    languages = tuple(Language(**told) for told in json.loads(row["languages"]))
    return Worker(**{**row, "tags": tuple(json.loads(row["tags"])), "languages": languages})

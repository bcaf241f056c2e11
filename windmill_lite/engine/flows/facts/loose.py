"""A view that holds no connection between two statements: while expressions are evaluated, which
may take long, others have it. What is read need not be of one moment, because the versions of the
runs are compared when the decision is stored.
"""

from __future__ import annotations

from dataclasses import dataclass

from windmill_lite.store.db.port import Db, Query, Row, Value


@dataclass(frozen=True, slots=True)
class Loose:
    db: Db

    async def one(self, query: Query, **params: Value) -> Row | None:
        async with self.db.view() as view:
            return await view.one(query, **params)

    async def all(self, query: Query, **params: Value) -> list[Row]:
        async with self.db.view() as view:
            return await view.all(query, **params)

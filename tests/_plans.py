"""How a database means to answer: the plan of a named query, as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from windmill_lite.store.db.port import Db, Dialect, Ordered, Params, Query, Tx, Value
from windmill_lite.store.db.sqlfile import parse

Q = parse("-- name: analyze\nanalyze\n", "here")


@dataclass(frozen=True)
class Explained:
    """A query that tells its plan instead of its rows."""

    query: Query
    name: str = "explained"

    @property
    def params(self) -> frozenset[str]:
        return self.query.params

    def speaks(self, dialect: Dialect) -> bool:
        return self.query.speaks(dialect)

    def render(self, dialect: Dialect, params: Params | Ordered) -> tuple[str, Any]:
        sql, values = self.query.render(dialect, params)
        word = "explain query plan " if dialect == "sqlite" else "explain "
        return word + sql, values


async def analyze(db: Db) -> None:
    """Lets the planner know how many rows there are."""

    async def body(tx: Tx) -> None:
        await tx.run(Q["analyze"])

    await db.write(body)


async def plan(db: Db, query: Query, **params: Value) -> str:
    async def body(tx: Tx) -> str:
        rows = await tx.all(Explained(query), **params)
        return "\n".join(str(row.get("detail", row.get("QUERY PLAN"))) for row in rows)

    return await db.write(body)


def scans(plan: str) -> list[str]:
    """The lines of a plan that read a whole table or sort what could have come in order."""
    found = []
    for line in plan.splitlines():
        words = line.strip().removeprefix("->").strip()
        whole = words.startswith("Seq Scan") or (
            words.startswith("SCAN ") and "VIRTUAL TABLE" not in words and "USING" not in words
        )
        if whole:
            found.append(words)
    return found

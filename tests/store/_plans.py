"""What a database says it will do for a statement, and what of that would grow with the tables.

Watched are the tables that grow. Forbidden is to read one of them from end to end, be it along an
index, and to sort what one way into a list holds, but for ranges of few.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import asyncpg

from windmill_lite.store.db.port import Query, Row, Value, View

WATCHED = frozenset(
    {
        *("job", "job_done", "job_log", "job_stream", "job_progress", "job_attempt", "job_queue"),
        *("job_label", "token", "account", "member", "script"),
    }
)
#: Indexes that hold few rows whatever the tables hold: what runs, what is not the rule.
SMALL = frozenset({"queue_running"})
#: Reads of a list of few: the window is not in the order of an index, but is known to be small.
SORTS_FEW = ("path_from", "by_running", "by_parent")

FEW = 1_000  # rows that may be sorted

_TABLE = re.compile(
    r"\b(?:from|join|update|into)\s+(\w+)(?:\s+(?:as\s+)?(?!on\b|where\b|set\b)(\w+))?"
)
_SQLITE_SCAN = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")


def sqlite_faults(
    connection: sqlite3.Connection, query: Query, params: dict[str, Value]
) -> list[str]:
    """Of the plan of one statement."""
    sql, values = query.render("sqlite", params)
    names = dict(_aliases(sql))
    steps = connection.execute(f"explain query plan {sql}", values).fetchall()
    details = {step[0]: (step[1], str(step[3])) for step in steps}
    faults = []
    for parent, detail in details.values():
        scan = _SQLITE_SCAN.match(detail)
        if scan and names.get(scan[1]) in WATCHED and scan[2] not in SMALL:
            faults.append(detail)
        if detail == "USE TEMP B-TREE FOR ORDER BY" and "MATERIALIZE looked" in details.get(
            parent, ""
        ):
            faults.append(f"sorts the window: {detail}")
    return _unless_few(faults, params)


def _aliases(sql: str) -> Iterator[tuple[str, str]]:
    for table, alias in _TABLE.findall(sql):
        yield table, table
        if alias:
            yield alias, table


async def postgres_faults(
    connection: asyncpg.Connection[asyncpg.Record],
    query: Query,
    params: dict[str, Value],
    *,
    generic: bool,
) -> list[str]:
    """Of the plan of one statement: with its values, or `generic`, as writers plan."""
    sql, values = query.render("postgres", params)
    if generic:
        await connection.execute("set plan_cache_mode = force_generic_plan")
        await connection.execute(f"prepare asked as {sql}")
        given = f"({', '.join(map(_literal, values))})" if values else ""
        answer = await connection.fetchval(f"explain (format json) execute asked{given}")
        await connection.execute("deallocate asked")
    else:
        answer = await connection.fetchval(f"explain (format json) {sql}", *values)
    return _unless_few(list(_faults_of(json.loads(answer)[0]["Plan"], "")), params)


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _faults_of(node: dict[str, Any], inside: str) -> Iterator[str]:
    kind, table = node["Node Type"], node.get("Relation Name", node.get("Index Name"))
    index = node.get("Index Name")
    inside = node.get("Subplan Name", inside)
    whole = index is not None and "Index Cond" not in node and index not in SMALL
    if node.get("Relation Name") in WATCHED and (kind == "Seq Scan" or whole):
        yield f"{kind} on {table} along {index}"
    if kind == "Sort" and inside == "CTE looked" and node["Plan Rows"] > FEW:
        yield f"sorts the window by {node['Sort Key']}"
    for child in node.get("Plans", []):
        yield from _faults_of(child, inside)


def _unless_few(faults: list[str], params: dict[str, Value]) -> list[str]:
    few = any(params.get(name) is not None for name in SORTS_FEW)
    return [fault for fault in faults if not (few and fault.startswith("sorts the window"))]


class Recording(View):
    """A view that remembers what it was asked."""

    def __init__(self, view: View) -> None:
        self.asked: list[tuple[Query, dict[str, Value]]] = []
        self._view = view

    async def one(self, query: Query, **params: Value) -> Row | None:
        self.asked.append((query, params))
        return await self._view.one(query, **params)

    async def all(self, query: Query, **params: Value) -> list[Row]:
        self.asked.append((query, params))
        return await self._view.all(query, **params)

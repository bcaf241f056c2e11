"""Flows for people."""

from __future__ import annotations

import json
from dataclasses import dataclass

from windmill_lite.model import limits
from windmill_lite.model.flow import FlowFilter, FlowVersion
from windmill_lite.model.page import Page
from windmill_lite.store.db.port import View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.people.scope import Scope
from windmill_lite.store.rows import flow_of

Q = load(__package__, "flows.sql")


@dataclass(frozen=True, slots=True)
class Version:
    """One line of a flow's history."""

    id: int
    created_at: int
    created_by: str
    deployment_message: str | None


@dataclass(frozen=True, slots=True)
class Definition:
    """What is searched; `value` is JSON text."""

    path: str
    value: str


async def by_path(view: View, scope: Scope, path: str) -> FlowVersion | None:
    """The newest version, archived or not."""
    row = await view.one(Q.by_path, path=path, **scope.reach())
    return flow_of(row) if row else None


async def by_version(view: View, scope: Scope, version: int) -> FlowVersion | None:
    row = await view.one(Q.by_version, version=version, **scope.reach())
    return flow_of(row) if row else None


async def list_flows(
    view: View, scope: Scope, filter_: FlowFilter, page: Page
) -> list[FlowVersion]:
    """Newest versions without value and schema."""
    rows = await view.all(
        Q.list,
        archived=int(filter_.show_archived),
        path=filter_.path,
        path_prefix=filter_.path_prefix,
        created_by=filter_.created_by,
        used=None if filter_.uses is None else json.dumps(filter_.uses, ensure_ascii=False),
        newest_first=None if filter_.oldest_first else 1,
        oldest_first=1 if filter_.oldest_first else None,
        limit=page.limit,
        offset=page.offset,
        **scope.reach(),
    )
    return [flow_of(row) for row in rows]


async def paths(view: View, scope: Scope) -> list[str]:
    """Of every flow that is not archived."""
    return [row["path"] for row in await view.all(Q.paths, **scope.reach())]


async def searched(view: View, scope: Scope) -> list[Definition]:
    """The definitions deployed last, at most `SEARCHED_CHARS` together."""
    rows = await view.all(
        Q.searched,
        chars_max=limits.SEARCHED_CHARS,
        limit=limits.PAGE_SIZE_MAX,
        **scope.reach(),
    )
    return [Definition(row["path"], row["value"]) for row in rows]


async def history(view: View, scope: Scope, path: str, page: Page) -> list[Version]:
    """Newest first."""
    rows = await view.all(
        Q.history, path=path, limit=page.limit, offset=page.offset, **scope.reach()
    )
    return [Version(**row) for row in rows]

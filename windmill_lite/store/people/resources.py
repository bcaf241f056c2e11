"""Resources for people, and the types that their workspace has of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from windmill_lite.model.limits import PAGE_SIZE_MAX, RESOURCE_CHARS_SEARCHED
from windmill_lite.model.page import Page
from windmill_lite.model.resource import Resource, ResourceFilter, ResourceType
from windmill_lite.store.db.port import View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.people.scope import Scope
from windmill_lite.store.rows import resource_of, resource_type_of

Q = load(__package__, "resources.sql")


async def by_path(view: View, scope: Scope, path: str) -> Resource | None:
    row = await view.one(Q.by_path, path=path, **scope.reach())
    return resource_of(row) if row else None


async def values(view: View, scope: Scope, paths: Iterable[str]) -> dict[str, str]:
    """JSON text by path, of those that are there and for whoever asks."""
    rows = await view.all(Q.values, paths=tuple(paths), **scope.reach())
    return {row["path"]: row["value"] for row in rows}


async def list_resources(
    view: View, scope: Scope, filter_: ResourceFilter, page: Page
) -> list[Resource]:
    """By path, without the values."""
    rows = await view.all(
        Q.list,
        limit=page.limit,
        offset=page.offset,
        **asdict(filter_),
        **scope.reach(),
    )
    return [resource_of(row) for row in rows]


async def everything(view: View, scope: Scope) -> dict[str, str | None]:
    """JSON text by path, of the first thousand; None for a long one."""
    rows = await view.all(
        Q.everything, most=PAGE_SIZE_MAX, longest=RESOURCE_CHARS_SEARCHED, **scope.reach()
    )
    return {row["path"]: row["value"] for row in rows}


async def counts(view: View, scope: Scope) -> dict[str, int]:
    """How many there are by type."""
    rows = await view.all(Q.counts, **scope.reach())
    return {row["resource_type"]: row["n"] for row in rows}


async def types(view: View, scope: Scope) -> list[ResourceType]:
    rows = await view.all(Q.types, workspace=scope.workspace)
    return [resource_type_of(row) for row in rows]


async def type_named(view: View, scope: Scope, name: str) -> ResourceType | None:
    row = await view.one(Q.type, workspace=scope.workspace, name=name)
    return resource_type_of(row) if row else None


async def type_names(view: View, scope: Scope) -> list[str]:
    return [row["name"] for row in await view.all(Q.type_names, workspace=scope.workspace)]

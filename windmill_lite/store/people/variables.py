"""Variables for people; the value of a secret is sealed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from windmill_lite.model.page import Page
from windmill_lite.model.variable import Variable, VariableFilter
from windmill_lite.store.db.port import View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.people.scope import Scope
from windmill_lite.store.rows import variable_of

Q = load(__package__, "variables.sql")


async def by_path(view: View, scope: Scope, path: str) -> Variable | None:
    row = await view.one(Q.by_path, path=path, **scope.reach())
    return variable_of(row) if row else None


async def by_paths(view: View, scope: Scope, paths: Iterable[str]) -> dict[str, Variable]:
    """Those of them that are there, and for whoever asks."""
    rows = await view.all(Q.by_paths, paths=tuple(paths), **scope.reach())
    return {row["path"]: variable_of(row) for row in rows}


async def list_variables(
    view: View, scope: Scope, filter_: VariableFilter, page: Page
) -> list[Variable]:
    """By path."""
    rows = await view.all(
        Q.list,
        limit=page.limit,
        offset=page.offset,
        **asdict(filter_),
        **scope.reach(),
    )
    return [variable_of(row) for row in rows]

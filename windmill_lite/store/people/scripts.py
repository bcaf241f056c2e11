"""Scripts for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from windmill_lite.model import limits
from windmill_lite.model.page import Page
from windmill_lite.model.script import Script, ScriptFilter
from windmill_lite.store.db.port import View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.people.scope import Scope
from windmill_lite.store.rows import script_of

Q = load(__package__, "scripts.sql")


@dataclass(frozen=True, slots=True)
class Version:
    """One line of a script's history."""

    hash: str
    parent_hash: str | None
    created_at: int
    created_by: str
    deployment_message: str | None


async def by_path(view: View, scope: Scope, path: str) -> Script | None:
    """The newest version, archived or not."""
    row = await view.one(Q.by_path, path=path, **scope.reach())
    return script_of(row) if row else None


async def contents(
    view: View, scope: Scope, paths: Sequence[str], *, languages: Sequence[str]
) -> dict[str, str]:
    """The text of the newest version by path; of scripts in these languages that are there."""
    if not paths:
        return {}
    wanted = {"paths": tuple(paths), "written_in": tuple(languages)}
    rows = await view.all(Q.contents, **wanted, **scope.reach())
    return {row["path"]: row["content"] for row in rows}


async def searched(view: View, scope: Scope) -> dict[str, str]:
    """The code deployed last by path, at most `SEARCHED_CHARS` together."""
    asked = {"chars_max": limits.SEARCHED_CHARS, "limit": limits.PAGE_SIZE_MAX}
    rows = await view.all(Q.searched, **asked, **scope.reach())
    return {row["path"]: row["content"] for row in rows}


async def by_hash(view: View, scope: Scope, hash_: str) -> Script | None:
    row = await view.one(Q.by_hash, hash=hash_, **scope.reach())
    return script_of(row) if row else None


async def list_scripts(view: View, scope: Scope, filter_: ScriptFilter, page: Page) -> list[Script]:
    """Newest versions without content and schema; by `parent_hash`, every version that matches."""
    rows = await view.all(
        Q.list,
        heads=1 if filter_.parent_hash is None else None,
        archived=int(filter_.show_archived),
        path=filter_.path,
        path_prefix=filter_.path_prefix,
        created_by=filter_.created_by,
        language=filter_.language,
        kinds=filter_.kinds,
        parent_hash=filter_.parent_hash,
        newest_first=None if filter_.oldest_first else 1,
        oldest_first=1 if filter_.oldest_first else None,
        limit=page.limit,
        offset=page.offset,
        **scope.reach(),
    )
    return [script_of(row) for row in rows]


async def history(view: View, scope: Scope, path: str, page: Page) -> list[Version]:
    """Newest first."""
    rows = await view.all(
        Q.history, path=path, limit=page.limit, offset=page.offset, **scope.reach()
    )
    return [Version(**row) for row in rows]


async def paths(view: View, scope: Scope) -> list[str]:
    """Every deployed path one can see."""
    return [row["path"] for row in await view.all(Q.paths, **scope.reach())]


async def parent_hashes(view: View, scope: Scope, hash_: str) -> list[str]:
    """The versions this one came from, nearest first."""
    rows = await view.all(Q.ancestors, workspace=scope.workspace, hash=hash_)
    return [row["hash"] for row in rows]

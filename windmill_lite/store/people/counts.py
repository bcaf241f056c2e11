"""Counts of jobs for people. Those of the instance, like its workers, are for who is logged in."""

from __future__ import annotations

from collections.abc import Sequence

from windmill_lite.model import limits
from windmill_lite.model.identity import Login
from windmill_lite.store.db.port import Value, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.people.scope import Scope

Q = load(__package__, "counts.sql")

Tags = dict[str, int]


async def completed(view: View, scope: Scope) -> int:
    row = await view.one(Q.count_completed, workspace=scope.workspace)
    return row["jobs"] if row else 0


async def ended(
    view: View,
    scope: Scope,
    since: int,
    *,
    success: bool | None = None,
    tags: Sequence[str] | None = None,
) -> int:
    """How many completed since a moment (µs); of those that were created up to a day before it."""
    asked: dict[str, Value] = {
        "workspace": scope.workspace,
        "good": 1 if success else None,
        "bad": 1 if success is False else None,
        "tagged": tuple(tags or ()) or None,
    }
    rows = await view.all(
        Q.count_ended, since=since, created_after=since - limits.COUNTED_LATE_US, **asked
    )
    return sum(row["jobs"] for row in rows)


async def ended_by_tag(view: View, login: Login, since: int, workspace: str | None) -> Tags:
    """The same by tag, of a workspace or of all."""
    assert login.super_admin, "counts across workspaces are for super admins"
    created = since - limits.COUNTED_LATE_US
    rows = await view.all(Q.count_ended, workspace=workspace, since=since, created_after=created)
    return {row["tag"]: row["jobs"] for row in rows}


async def in_queue(view: View, login: Login, *, running: bool) -> Tags:
    """How many jobs run, or are ready to, by tag."""
    assert login.email, "a login without an account"
    rows = await view.all(Q.count_running if running else Q.count_ready)
    return {row["tag"]: row["jobs"] for row in rows}


async def concurrency_keys(view: View, login: Login) -> Tags:
    """The keys that jobs of the queue have, and how many of them run."""
    assert login.super_admin, "keys of all workspaces are for super admins"
    rows = await view.all(Q.count_keys, most=limits.PAGE_SIZE_MAX)
    return {row["key"]: row["running"] for row in rows}

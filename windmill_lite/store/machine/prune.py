"""Statements about completed runs that go, and the rules that say which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from windmill_lite.model.retention import Rule, Tree
from windmill_lite.store.db.port import Params, Tx, Value, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.machine import attempts, flows
from windmill_lite.store.machine.library import loans

Q = load(__package__, "prune.sql")

Mark = tuple[int, UUID]  # created_at and id of the last run that was looked at


@dataclass(frozen=True, slots=True)
class Old:
    """A completed run. `has_parent`: it hangs from another job, with which it goes."""

    id: UUID
    path: str | None
    created_at: int
    completed_at: int
    has_parent: bool

    @property
    def mark(self) -> Mark:
        return (self.created_at, self.id)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where to look for old runs: a workspace, its roots or what hangs from others, and when they
    were created (`since` <= moment < `before`, µs).
    """

    workspace: str
    roots: bool
    before: int
    since: int | None = None


async def workspaces(view: View) -> list[str]:
    """All of them, those that were deleted included."""
    return [row["id"] for row in await view.all(Q.workspaces)]


async def rules(view: View) -> dict[str, tuple[Rule, ...]]:
    """By workspace."""
    found: defaultdict[str, tuple[Rule, ...]] = defaultdict(tuple)
    for row in await view.all(Q.rules):
        found[row["workspace"]] += (Rule(row["path"], row["days"]),)
    return dict(found)


async def rules_of(view: View, workspace: str) -> tuple[Rule, ...]:
    rows = await view.all(Q.rules_of, workspace=workspace)
    return tuple(Rule(row["path"], row["days"]) for row in rows)


async def replace_rules(
    tx: Tx, workspace: str, rules: Sequence[Rule], *, changed_by: str, now: int
) -> None:
    """These and no others."""
    await tx.run(Q.delete_rules, workspace=workspace)
    shared: Params = {"workspace": workspace, "changed_by": changed_by, "changed_at": now}
    rows = [{**shared, "path": rule.path, "days": rule.days} for rule in rules]
    await tx.run_many(Q.put_rule, rows)


async def old(view: View, where: Stretch, *, after: Mark | None, most: int) -> list[Old]:
    """The oldest first."""
    mark: dict[str, Value] = {} if after is None else {"at": after[0], "at_id": after[1]}
    bounds = {"before": where.before, "since": where.since, "most": most}
    root = int(where.roots)
    rows = await view.all(Q.old, workspace=where.workspace, root=root, **bounds, **mark)
    return [
        Old(row["id"], row["path"], row["created_at"], row["completed_at"], bool(row["has_parent"]))
        for row in rows
    ]


async def oldest(view: View, workspace: str, *, after: int | None = None) -> int | None:
    """When the oldest completed run of a workspace was created, of those after a moment."""
    row = await view.one(Q.oldest, workspace=workspace, after=after)
    return None if row is None else row["created_at"]


async def trees(view: View, runs: Sequence[Old]) -> list[Tree]:
    """The runs with what hangs from them; left out are those that are not there any more, and those
    that others go on from.
    """
    lent = await loans.lent(view, [run.id for run in runs])
    runs = [run for run in runs if run.id not in lent]
    ids = tuple(run.id for run in runs)
    there = {row["id"]: row["completed_at"] for row in await view.all(Q.still_completed, ids=ids)}
    below = {row["top"]: row for row in await view.all(Q.trees, ids=ids)}
    found = []
    for run in runs:
        if run.id not in there:
            continue
        hanging = below.get(run.id)
        if hanging is None:
            found.append(Tree(run.id, run.path, there[run.id]))
            continue
        youngest = max(there[run.id], hanging["completed_at"] or 0)
        found.append(Tree(run.id, run.path, youngest, hanging["alive"], hanging["members"]))
    return found


async def leaves(view: View, ids: Sequence[UUID], *, most: int) -> list[UUID]:
    """What hangs from these runs, the deepest first."""
    rows = await view.all(Q.leaves, ids=tuple(ids), most=most)
    return [row["id"] for row in rows]


async def weights(view: View, ids: Sequence[UUID]) -> dict[UUID, int]:
    """About how many bytes each of some completed jobs takes with its log."""
    rows = await view.all(Q.weights, ids=tuple(ids))
    return {row["id"]: int(row["bytes"]) for row in rows}


async def remove(tx: Tx, ids: Sequence[UUID]) -> None:
    """Everything there is about some completed jobs."""
    asked = tuple(ids)
    await tx.run(Q.delete_logs, ids=asked)
    await attempts.remove(tx, ids)
    await flows.forget(tx, ids)
    await loans.forget(tx, ids)
    said = (Q.delete_streams, Q.delete_progress, Q.delete_labels)
    for query in (*said, Q.delete_done, Q.delete_jobs):
        await tx.run(query, ids=asked)


async def remove_logs(tx: Tx, ids: Sequence[UUID]) -> int:
    """About how many bytes that was."""
    asked = tuple(ids)
    row = await tx.one(Q.log_weight, ids=asked)
    await tx.run(Q.delete_logs, ids=asked)
    return int(row["bytes"]) if row else 0


async def logged(view: View, *, after: UUID | None, most: int) -> list[tuple[UUID, int | None]]:
    """Jobs that have a log, in the order of their ids, and when they completed, if they did."""
    rows = await view.all(Q.logged, after_id=after, most=most)
    return [(row["id"], row["completed_at"]) for row in rows]

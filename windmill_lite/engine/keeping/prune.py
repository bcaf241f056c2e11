"""Completed runs that have had their time go, with their trees and logs.

**What goes** is decided by `core/jobs/retention.py` inside the transaction that removes it, from
the tree as it is then: a tree goes when its youngest member is too old and nothing of it waits or
runs. **How**: a few hundred runs at a time, or fewer when they are large, with a pause after each
batch; a large tree from its leaves, over as many batches as it takes, its root last. Whatever is
interrupted goes on with the next round.

**What is looked at.** Runs in the order in which they were created, up to the shortest time that
any rule of the workspace gives. Those that stay (a longer rule, a living child) are looked at again
after a day; those that are younger than the last time wait for their turn. So a round of an idle
appliance reads a row or two for each workspace and writes nothing.

On Postgres a child may be pushed below a run in the moment in which that goes. It is found as what
it is then, a child without a parent, and has a time of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from uuid import UUID

from windmill_lite.core.jobs import retention
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.retention import Rule, Tree
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import prune
from windmill_lite.store.machine.prune import Mark, Old, Stretch

Verdict = Callable[[Tree], bool]  # True: it goes
Rules = Mapping[str, Sequence[Rule]]  # by workspace


@dataclass(slots=True)
class Progress:
    """What earlier rounds of this process looked at. Lost with the process, at the price of one
    round that looks at everything.
    """

    seen_before: dict[str, int] = field(default_factory=dict)  # by workspace, created_at in µs
    rules: Rules = field(default_factory=dict)
    until_s: float = 0.0  # of the monotonic clock: from then on everything is looked at again


@dataclass(frozen=True, slots=True)
class Removed:
    """One batch. `more`: the same runs have to be asked about again."""

    jobs: int
    bytes: int  # about
    more: bool = False
    at: int = 0  # when the last run that was looked at was created, µs


async def old_runs(world: World, progress: Progress) -> AsyncIterator[Removed]:
    """One round over all workspaces, a batch at each step."""
    async with world.db.view() as view:
        rules, spaces = await prune.rules(view), await prune.workspaces(view)
    now, now_s = world.now(), world.clock.monotonic_s()
    if now_s >= progress.until_s or rules != progress.rules:
        progress.seen_before, progress.rules = {}, rules
        progress.until_s = now_s + limits.PRUNE_AGAIN_S
    default = world.keeping.retention_days
    for workspace in spaces:
        own = rules.get(workspace, ())
        before = retention.horizon(own, now, default=default)
        if before is None:
            continue
        goes = partial(_over, own, now, default)
        since = progress.seen_before.get(workspace)
        for roots in (True, False):
            async for removed in along(world, Stretch(workspace, roots, before, since), goes):
                yield removed
        progress.seen_before[workspace] = before


def _over(rules: Sequence[Rule], now: int, default: int, tree: Tree) -> bool:
    return retention.over(rules, tree, now, default=default)


async def along(world: World, where: Stretch, goes: Verdict) -> AsyncIterator[Removed]:
    """Looks at every run of a stretch, the oldest first, and removes those that go."""
    mark: Mark | None = None
    while True:
        async with world.db.view() as view:
            runs = await prune.old(view, where, after=mark, most=limits.PRUNE_RUNS)
        if not runs:
            return
        tops = [run for run in runs if not run.has_parent]
        while candidates := [run for run in tops if goes(Tree(run.id, run.path, run.completed_at))]:
            removed = await remove(world, candidates, goes)
            yield replace(removed, at=runs[-1].created_at)
            if not removed.more:
                break
        mark = runs[-1].mark


async def remove(world: World, runs: Sequence[Old], goes: Verdict) -> Removed:
    """Those of the runs that go when they are looked at together with their trees."""

    async def body(tx: Tx) -> Removed:
        trees = [tree for tree in await prune.trees(tx, runs) if goes(tree)]
        most = limits.PRUNE_JOBS
        parents = [tree.id for tree in trees if tree.members]
        ids = await prune.leaves(tx, parents, most=most) if parents else []
        more = len(ids) == most
        if not more:
            ids += [tree.id for tree in trees]
        jobs, freed = await _remove_in_parts(tx, ids)
        return Removed(jobs, freed, more or jobs < len(ids))

    return await world.db.write(body)


async def _remove_in_parts(tx: Tx, ids: Sequence[UUID]) -> tuple[int, int]:
    """How many of the first went, and how many bytes that were: at least one, and no more than fit
    into a batch. In lists of one length, so that few different statements reach the database.
    """
    size = limits.PRUNE_RUNS
    jobs, freed = 0, 0
    for start in range(0, len(ids), size):
        part = ids[start : start + size]
        weights = await prune.weights(tx, part)
        fitting: list[UUID] = []
        for job_id in part:
            weight = weights.get(job_id, 0)
            if jobs + len(fitting) and freed + weight > limits.PRUNE_BYTES:
                break
            fitting.append(job_id)
            freed += weight
        if fitting:
            await prune.remove(tx, fitting)
        jobs += len(fitting)
        if len(fitting) < len(part):
            break
    return jobs, freed

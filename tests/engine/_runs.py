"""Completed runs of any age and shape, made by the verbs that make them in earnest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from tests.engine.conftest import claim_one
from windmill_lite.engine import finish, ping, push
from windmill_lite.engine.world import World
from windmill_lite.model.job import Finished, Outcome, Preview, RunOptions
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.port import Tx
from windmill_lite.store.db.sqlfile import parse
from windmill_lite.store.people.scope import Scope

DAY_S = 24 * 3600.0
Q = parse(
    """
-- name: left
select 'log' as place, count(*) as rows from job_log
union all select 'label', count(*) from job_label
union all select 'done', count(*) from job_done
union all select 'job', count(*) from job
-- name: ids
select id from job
-- name: orphan_done
delete from job_done where id = :id
-- name: orphan
delete from job where id = :id
""",
    "here",
)


@dataclass(frozen=True)
class Runs:
    """One person's runs, and one worker that ends them."""

    world: World
    scope: Scope
    worker: Worker

    async def push(
        self, path: str | None = None, parent_id: UUID | None = None, tag: str | None = None
    ) -> UUID:
        preview = Preview("def main(): pass", "python3", path=path, tag=tag)
        options = RunOptions(parent_id=parent_id)
        return await push.run_preview(self.world, self.scope, preview, args={}, options=options)

    async def end_next(self, *, result: str = '"r"', log: str = "a line\n") -> UUID:
        await ping.ping(self.world, self.worker, jobs_done=0, memory_kb=1)
        claim = await claim_one(self.world, self.worker)
        ended = Finished(Outcome.SUCCESS, result, labels=("x",))
        report = finish.Report(claim.job.id, claim.attempt, "one", ended, log=log)
        await finish.finish(self.world, report)
        return claim.job.id

    async def done(self, path: str | None = None, parent_id: UUID | None = None) -> UUID:
        """With a log and a label, ended now."""
        job_id = await self.push(path, parent_id)
        assert await self.end_next() == job_id
        return job_id

    async def left(self) -> Counter[str]:
        """How many rows there are, by table."""
        async with self.world.db.view() as view:
            return Counter({row["place"]: row["rows"] for row in await view.all(Q["left"])})

    async def ids(self) -> set[UUID]:
        """Of every job there is."""
        async with self.world.db.view() as view:
            return {row["id"] for row in await view.all(Q["ids"])}

    async def tear_off(self, job_id: UUID) -> None:
        """Removes a job and leaves what hangs from it, as a race can."""

        async def body(tx: Tx) -> None:
            await tx.run(Q["orphan_done"], id=job_id)
            await tx.run(Q["orphan"], id=job_id)

        await self.world.db.write(body)

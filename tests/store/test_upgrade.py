"""What was in a database before an upgrade is there after it."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.conftest import NewDatabase
from windmill_lite.store.db import migrate
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.port import Tx, Value
from windmill_lite.store.db.sqlfile import parse
from windmill_lite.store.machine import claims
from windmill_lite.store.machine.claims import Turn

Q = parse(
    """
-- name: put_worker
insert into worker(id, name, host, tags, slots, version, sandbox, started_at, last_seen_at)
values (:id, 'one', 'here', '[]', 1, '0', 'none', 0, 0)
-- name: put_job
insert into job(
  id, workspace, kind, created_by, permissioned_as, email, created_at, scheduled_for, tag, args)
values (:id, 'main', 'preview', 'ada', 'u/ada', 'ada@here.test', 1, :at, 'python3', '{}')
-- name: put_queued
insert into job_queue(id, workspace, tag, scheduled_for, state, attempt, worker_id, started_at)
values (:id, 'main', 'python3', :at, :state, :attempt, :worker_id, :started_at)
-- name: queue
select id, state, attempt, worker_id, scheduled_for from job_queue order by scheduled_for
""",
    "here",
)
WORKER = UUID(int=1)
WAITING, RUNNING = uuid4(), uuid4()


async def fill(tx: Tx) -> None:
    await tx.run(Q["put_worker"], id=WORKER)
    for id_, at in ((WAITING, 10), (RUNNING, 20)):
        await tx.run(Q["put_job"], id=id_, at=at)
    await put(tx, WAITING, at=10, state="queued", attempt=1, worker_id=None, started_at=None)
    await put(tx, RUNNING, at=20, state="running", attempt=2, worker_id=WORKER, started_at=21)


async def put(tx: Tx, job_id: UUID, **facts: Value) -> None:
    await tx.run(Q["put_queued"], id=job_id, **facts)


async def test_jobs_keep_their_place_and_their_worker_when_the_queue_learns_more(
    dialect: str, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = connect(new_database(f"{dialect} empty"), Path())
    await db.open()
    ours = migrate.available()
    with monkeypatch.context() as older:
        older.setattr(migrate, "available", lambda: [m for m in ours if m.name < "0003"])
        await db.migrate()
    await db.write(fill)
    await db.migrate()

    async def body(tx: Tx) -> None:
        await claims.come_due(tx, now=30, most=10)
        rows = [tuple(row.values()) for row in await tx.all(Q["queue"])]
        assert rows == [(WAITING, "queued", 1, None, 10), (RUNNING, "running", 2, WORKER, 20)]
        taken = await claims.take(tx, Turn(WORKER, ("python3",), ""), now=30)
        assert taken is not None
        assert (taken.id, taken.attempt) == (WAITING, 2)

    await db.write(body)
    await db.close()

"""What was in a database before an upgrade is there after it."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.conftest import NewDatabase
from windmill_lite.store.db import migrate
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.port import Body, Db, Tx, Value
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
-- name: put_done
insert into job_done(
  id, workspace, kind, created_by, permissioned_as, visible_to_owner, created_at, tag, outcome,
  root, completed_at, duration_ms, attempt, labels, result)
values (
  :id, 'main', 'preview', 'ada', 'u/ada', 1, 1, 'python3', 'failure', 1, 30, 5, 2, :labels, '"r"')
-- name: done
select id, created_at, outcome, attempt, retries, result from job_done
-- name: labels
select workspace, label, created_at, job_id from job_label order by label
-- name: ages
select distinct created_at from job_queue
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


async def upgraded(
    db: Db, monkeypatch: pytest.MonkeyPatch, *, before: str, fill: Body[None]
) -> None:
    """Makes the schema of before a migration, fills it, brings it up to date."""
    ours = migrate.available()
    with monkeypatch.context() as older:
        older.setattr(migrate, "available", lambda: [m for m in ours if m.name < before])
        await db.migrate()
    await db.write(fill)
    await db.migrate()


async def test_jobs_keep_their_place_and_their_worker_when_the_queue_learns_more(
    dialect: str, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = connect(new_database(f"{dialect} empty"), Path())
    await db.open()
    await upgraded(db, monkeypatch, before="0003", fill=fill)

    async def body(tx: Tx) -> None:
        await claims.come_due(tx, now=30, most=10)
        rows = [tuple(row.values()) for row in await tx.all(Q["queue"])]
        assert rows == [(WAITING, "queued", 1, None, 10), (RUNNING, "running", 2, WORKER, 20)]
        taken = await claims.take(tx, Turn(WORKER, ("python3",), ""), now=30)
        assert taken is not None
        assert (taken.id, taken.attempt) == (WAITING, 2)

    await db.write(body)
    await db.close()


async def test_completed_jobs_keep_what_they_were_and_their_labels_can_be_found(
    dialect: str, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = connect(new_database(f"{dialect} empty"), Path())
    await db.open()
    done, plain = uuid4(), uuid4()

    async def fill_done(tx: Tx) -> None:
        await fill(tx)
        for id_, labels in ((done, '["red", "big", "red"]'), (plain, None)):
            await tx.run(Q["put_job"], id=id_, at=1)
            await tx.run(Q["put_done"], id=id_, labels=labels)

    await upgraded(db, monkeypatch, before="0004", fill=fill_done)
    async with db.view() as view:
        found = {row["id"]: tuple(row.values())[1:] for row in await view.all(Q["done"])}
        labels = [tuple(row.values()) for row in await view.all(Q["labels"])]
        ages = [row["created_at"] for row in await view.all(Q["ages"])]
    assert found == dict.fromkeys((done, plain), (1, "failure", 2, 0, '"r"'))
    assert labels == [("main", "big", 1, done), ("main", "red", 1, done)]
    assert ages == [1], "those that wait have the age of their jobs"
    await db.close()

"""What the database says about flows: who lives, what is due, how it ended, as people see it."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from windmill_lite.core.flow import stored
from windmill_lite.core.flow.compose import ChildRow, Facts, compose
from windmill_lite.core.flow.plan import plan_of
from windmill_lite.model.openflow import read
from windmill_lite.store.db.port import Db
from windmill_lite.store.db.sqlfile import parse
from windmill_lite.store.machine import flows

Q = parse(
    """
-- name: alive
select id from job_queue

-- name: due
select min(scheduled_for) as due_at from job_queue where state = 'delayed'

-- name: done
select outcome, result from job_done where id = :id

-- name: below
select j.id, d.outcome from job j left join job_done d on d.id = j.id where j.root_id = :id
""",
    "_rows.py",
)


@dataclass(frozen=True, slots=True)
class Ended:
    outcome: str
    result: Any
    status: dict[str, Any]  # Windmill's flow_status
    left: int  # jobs of its tree that have not ended


@dataclass(frozen=True, slots=True)
class Rows:
    db: Db

    async def alive(self, among: Collection[UUID]) -> set[UUID]:
        async with self.db.view() as view:
            return {row["id"] for row in await view.all(Q["alive"])} & set(among)

    async def next_due(self) -> int | None:
        async with self.db.view() as view:
            row = await view.one(Q["due"])
        return row["due_at"] if row else None

    async def ended(self, id: UUID, document: Any) -> Ended | None:
        """None: it has not."""
        async with self.db.view() as view:
            row = await view.one(Q["done"], id=id)
            if row is None:
                return None
            below = await view.all(Q["below"], id=id)
            run = await flows.run(view, id)
        assert run is not None, "a flow has a run"
        left = [each["id"] for each in below if each["outcome"] is None]
        children = {each["id"]: ChildRow(1, 1, each["outcome"] == "success") for each in below}
        told = stored.read(run.status)
        plan = plan_of(read(document), prepare=told.preprocessor is not None)
        status = compose(plan, told, Facts(children, {}))
        return Ended(row["outcome"], json.loads(row["result"]), status, left=len(left))

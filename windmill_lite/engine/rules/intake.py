"""Jobs that are asked for at the same moment enter the queue together.

On Postgres a transaction for each would cost four round trips; `alone.enter` puts any number of
plain jobs in with one: those of one turn of the loop, and those who come while a group is written.
Nobody waits for a timer. On SQLite the writer does the same with whole transactions, so each goes
by itself, and only what is decided about other jobs is left out.

Only new jobs that touch nothing but themselves go in groups. So when the answer to a group is lost
it is written again: an id that is there by then is of the first time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from windmill_lite.base.codec import Json
from windmill_lite.model import limits
from windmill_lite.model.job import NewJob
from windmill_lite.store.db.port import Db, OutcomeUnknown, Tx
from windmill_lite.store.machine import alone, queue
from windmill_lite.store.machine.places import Spot


class _Waiting(NamedTuple):
    facts: Mapping[str, Json]
    entered: asyncio.Future[bool]


@dataclass(slots=True)
class Intake:
    """Of one process."""

    _waiting: deque[_Waiting] = field(default_factory=deque)
    _writing: asyncio.Task[bool] | None = None
    _called: bool = False  # `_begin` comes when the loop has come to its end

    async def enter(self, db: Db, job: NewJob) -> bool:
        """Whether it is in the queue. False: nothing has happened, it has to go its own way. A
        caller that goes away stops nothing.

        Fails: as `Db.write`; `Invalid` for what no database can hold.
        """
        if not alone.is_plain(job):
            return False
        if not alone.Q.enter.speaks(db.dialect):
            return await db.write(queue.rows(job, Spot(job.begins)))
        if len(job.args) > limits.INTAKE_ARGS_MAX:
            return False
        loop = asyncio.get_running_loop()
        entered: asyncio.Future[bool] = loop.create_future()
        self._waiting.append(_Waiting(alone.written(job), entered))
        if self._writing is None and not self._called:
            self._called = True
            loop.call_soon(self._begin, db)
        return await entered

    def _begin(self, db: Db) -> None:
        self._called = False
        most = min(len(self._waiting), limits.INTAKE_GROUP_MAX)
        group = [self._waiting.popleft() for _ in range(most)]
        if group:
            self._writing = asyncio.create_task(_write(db, group), name="engine.intake")
            self._writing.add_done_callback(partial(self._settle, db, group))

    def _settle(self, db: Db, group: list[_Waiting], done: asyncio.Task[bool]) -> None:
        self._writing = None
        error = None if done.cancelled() else done.exception()
        for each in group:
            if each.entered.done():  # its caller went away
                continue
            if done.cancelled():
                each.entered.cancel()
            elif error is not None:
                each.entered.set_exception(error)
            else:
                each.entered.set_result(done.result())
        self._begin(db)


async def _write(db: Db, group: list[_Waiting]) -> bool:
    async def body(tx: Tx) -> bool:
        entered = await alone.enter(tx, [each.facts for each in group])
        if entered is None:
            return False
        tx.ring("queue")
        return True

    try:
        return await db.write(body)
    except OutcomeUnknown:
        return await db.write(body)

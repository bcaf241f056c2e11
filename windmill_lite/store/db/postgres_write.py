"""A body as a transaction of Postgres, again when that may help.

Runs again, `len(PAUSES_S)` times at most, with a random pause before each: after a serialization
failure, a deadlock, or a connection that was lost before the commit was sent. When it is lost while
the commit is under way nobody knows the outcome, and the caller is told so.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import TypeVar

from windmill_lite.base.bell import Bell
from windmill_lite.base.errors import Bug, Refusal, Unavailable
from windmill_lite.store.db.deadlines import Deadlines
from windmill_lite.store.db.pool import Pool
from windmill_lite.store.db.port import Body, OutcomeUnknown
from windmill_lite.store.db.postgres_link import Connection
from windmill_lite.store.db.postgres_tx import PostgresTx, PostgresView, Stage, drive

PAUSES_S = (0.01, 0.03, 0.1, 0.3, 0.5)

T = TypeVar("T")


@dataclass(slots=True)
class Progress:
    """How far a write has come."""

    tx: PostgresTx | None = None  # of the run that is under way
    committing: bool = False

    @property
    def may_be_done(self) -> bool:
        """What commits was sent, and its answer is not there."""
        return self.committing or (self.tx is not None and self.tx.stage is Stage.ALONE)


class PostgresWriter:
    """Takes a connection for each write."""

    def __init__(self, pool: Pool[Connection], bell: Bell, deadlines: Deadlines) -> None:
        self.commits = 0  # how many transactions were committed
        self.repeats = 0  # how often a body had to run again
        self._pool = pool
        self._bell = bell
        self._deadlines = deadlines

    async def write(self, body: Body[T]) -> T:
        """See `port.Db.write`."""
        progress, limit_s = Progress(), self._deadlines.write_s
        try:
            async with asyncio.timeout(limit_s):
                return await self._repeated(body, progress)
        except TimeoutError:
            if progress.may_be_done:
                raise _unknown() from None
            raise Unavailable(f"Postgres took longer than {limit_s:g} s for a write") from None

    async def _repeated(self, body: Body[T], progress: Progress) -> T:
        for pause_s in PAUSES_S:
            try:
                return await self._once(body, progress)
            except _Again:
                self.repeats += 1
                await asyncio.sleep(pause_s * random.uniform(0.5, 1.5))  # noqa: S311  (no secret)
        try:
            return await self._once(body, progress)
        except _Again as again:
            raise again.failure from None

    async def _once(self, body: Body[T], progress: Progress) -> T:
        async with self._pool.lend() as connection:
            tx = progress.tx = PostgresTx(connection, self._deadlines.statement_s)
            try:
                result = await drive(body, tx)
            except Exception:
                await self._undo(tx, connection)
                if tx.repeatable and tx.failure is not None:
                    raise _Again(tx.failure) from None
                raise
            if tx.stage is Stage.BEGUN:
                progress.committing = True
                await _commit(tx, connection)
                progress.committing = False
            progress.tx = None
        self.commits += tx.stage is not Stage.NEW
        for topic, said in tx.topics.items():
            self._bell.ring(topic, said)
        return result

    async def _undo(self, tx: PostgresTx, connection: Connection) -> None:
        """Fails: `OutcomeUnknown` when the connection ended over a statement that commits."""
        if tx.stage is Stage.BEGUN:
            await roll_back(connection, self._deadlines.statement_s)
        elif tx.stage is Stage.ALONE and (connection.spent or connection.is_closed()):
            raise _unknown() from None


async def roll_back(connection: Connection, limit_s: float) -> None:
    """Leaves the connection outside a transaction, or closed."""
    if not (connection.spent or connection.is_closed()):
        try:
            await PostgresView(connection, limit_s).control("rollback")
        except (Refusal, Bug):  # what brought us here matters more
            connection.terminate()


async def _commit(tx: PostgresTx, connection: Connection) -> None:
    try:
        done = await tx.control("commit")
    except Exception:
        if connection.spent or connection.is_closed():
            raise _unknown() from None
        if tx.repeatable and tx.failure is not None:
            raise _Again(tx.failure) from None
        raise
    if done != "COMMIT":
        raise Bug(f"Postgres answered {done} to a commit")


def _unknown() -> OutcomeUnknown:
    return OutcomeUnknown(
        "the connection to Postgres was lost during a commit: whether it happened is unknown"
    )


class _Again(Exception):  # noqa: N818  (goes from one function to the next)
    """The body should run once more; `failure` is what to say if it may not."""

    def __init__(self, failure: Exception) -> None:
        super().__init__(str(failure))
        self.failure = failure

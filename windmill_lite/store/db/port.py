"""The port: nobody outside `store/db` sees a driver.

**Writing.** `db.write(body)` runs `body(tx)`, a coroutine function, in one transaction and returns
what it returned, after the commit is durable. The body must be repeatable and awaits nothing but
its `Tx`: on SQLite a writer thread drives it to its end in one go, many bodies share one commit
(group commit), and a body whose neighbour failed is run again; on Postgres a serialization failure
or a deadlock runs it again. Whatever must happen after the commit is asked of the `Tx` (`ring`).
A body that raises rolls back its own work only, and the exception reaches the caller. A body whose
statement failed is over: it may raise an error of its own instead, but it can neither go on nor
commit. So whoever wants to go on after a `Duplicate` catches it around `write`, or avoids it by
`on conflict do nothing`.

A body may consist of a single statement that is a transaction by itself (`Tx.alone`): where a
statement is a round trip, as on Postgres, that is one instead of three and more.

A write that raised did not happen, with one exception: `OutcomeUnknown`, when the connection was
lost while the commit was under way. Whoever repeats it must do so in a way that is safe twice.

**Reading.** `async with db.view() as view:` gives a connection on which every statement sees the
latest commit; with `snapshot=True` all of them see the same one.

**Values.** Parameters and columns are None, int, float, str, bool (stored as 0 or 1) and UUID;
there are no other blobs. Moments are integers, microseconds UTC. JSON is text, opaque to SQL. The
one exception of shape: a tuple is for `in :name` (see `sqlfile`). What one of the databases could
not hold is refused by both with `Invalid`: U+0000 and lone surrogates in text, integers beyond 64
bits, NaN and infinities. Text is compared and sorted by code point, and `like` minds case.

**Failures.** Of the driver's errors none gets out. `Duplicate` for a key that is there already;
`Unavailable` when the database cannot be reached, is too slow, full or damaged, and trying again
later makes sense; `Bug` for everything a correct program does not do, such as a violated CHECK.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar
from uuid import UUID

from windmill_lite.base.bell import Bell
from windmill_lite.base.errors import Unavailable

T = TypeVar("T")

Dialect = Literal["sqlite", "postgres"]
Scalar = None | int | float | str | bool | UUID
Value = Scalar | tuple[int, ...] | tuple[str, ...] | tuple[UUID, ...]
Params = Mapping[str, Value]
Ordered = tuple[Scalar, ...]  # the same as `Params` of a query without lists and optional lines
FOREIGN_AWAIT = "a transaction body awaited something other than its Tx"  # what the `Bug` says

Row = Mapping[str, Any]  # column name -> value; read by name only


class Duplicate(Exception):  # noqa: N818  (a value of the port: the engine makes it a refusal)
    """A row with the same unique key exists; `table` names whose key, where the driver says."""

    def __init__(self, table: str | None = None) -> None:
        super().__init__(f"a row with this key exists in {table or 'the table'}")
        self.table = table


class OutcomeUnknown(Unavailable):
    """The commit was under way when the connection was lost: it happened or it did not."""


class Query(Protocol):
    """A named query of a `.sql` file; see `sqlfile` for how it becomes a statement."""

    @property
    def name(self) -> str: ...

    @property
    def params(self) -> frozenset[str]:
        """Every parameter it knows, those of optional lines included."""
        ...

    def speaks(self, dialect: Dialect) -> bool:
        """Whether there is a text for this database."""
        ...

    def render(self, dialect: Dialect, params: Params | Ordered) -> tuple[str, list[Any]]:
        """The statement and its arguments as the driver of `dialect` takes them; `Ordered` as the
        text names its parameters first.
        """
        ...


class View(Protocol):
    """Read verbs."""

    async def one(self, query: Query, **params: Value) -> Row | None:
        """The first row, or None."""
        ...

    async def all(self, query: Query, **params: Value) -> list[Row]:
        """Every row, in the query's order."""
        ...


class Tx(View, Protocol):
    """Read and write verbs of one transaction."""

    def speaks(self, query: Query) -> bool:
        """Whether this database has a text for it; where not, other queries do the same."""
        ...

    async def run(self, query: Query, *ordered: Scalar, **params: Value) -> int:
        """How many rows the statement changed. Instead of parameters by name a whole row may be
        given, in the order in which the text names them first.
        """
        ...

    async def run_many(self, query: Query, rows: Sequence[Params]) -> None:
        """The same statement for each row of parameters, all with the same keys."""
        ...

    async def alone(self, query: Query, **params: Value) -> list[Row] | None:
        """The body's first and only statement, which is the whole transaction: committed when it
        returns, so the body neither fails nor asks for anything after it. None where the query has
        no text for this database: then nothing has happened, and the body goes on step by step.
        """
        ...

    def ring(self, topic: str, said: object = None) -> None:
        """Rings the bell once the transaction is committed; not at all when it is not."""
        ...


Body = Callable[[Tx], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class Rows:
    """A body that adds a row by each of some queries and rings. False, and no row after it, when
    one was not added. SQLite adds those of many callers at once.
    """

    rows: tuple[tuple[Query, Ordered], ...]
    topic: str

    async def __call__(self, tx: Tx) -> bool:
        added = await self.add(tx)
        if added:
            tx.ring(self.topic)
        return added

    async def add(self, tx: Tx) -> bool:
        """As a step of another body; rings nothing."""
        for query, row in self.rows:
            if not await tx.run(query, *row):
                return False
        return True


class Db(Protocol):
    """A database of either kind."""

    @property
    def dialect(self) -> Dialect: ...

    @property
    def bell(self) -> Bell: ...

    @property
    def changes(self) -> int | None:
        """Another number after each commit that may have changed more than jobs and workers
        (`sqltext.PASSING`), before anybody hears of it: while it stays the same, so does everything
        else. None where other processes write, too.
        """
        ...

    async def open(self) -> None:
        """Connects. Fails: `Unavailable`, saying what could not be reached, never a password."""
        ...

    async def migrate(self) -> Sequence[str]:
        """Brings the schema up to date under one lock; the names of what was applied."""
        ...

    async def write(self, body: Body[T]) -> T: ...

    def view(self, *, snapshot: bool = False) -> AbstractAsyncContextManager[View]: ...

    async def close(self) -> None:
        """Waits for what is under way; harmless when repeated."""
        ...

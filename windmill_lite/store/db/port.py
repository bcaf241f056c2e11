"""The port: nobody outside `store/db` sees a driver.

**Writing.** `db.write(body)` runs `body(tx)`, a coroutine function, in one transaction and returns
what it returned, after the commit is durable. The body must be repeatable and awaits nothing but
its `Tx`: on SQLite a writer thread drives it to its end in one go, many bodies share one commit
(group commit), and a body whose neighbour failed is run again; on Postgres a serialization failure
or a deadlock runs it again. Whatever must happen after the commit is asked of the `Tx` (`ring`).
A body that raises rolls back its own work only, and the exception reaches the caller.

**Reading.** `async with db.view() as view:` gives a connection on which every statement sees the
latest commit; with `snapshot=True` all of them see the same one.

**Values.** Parameters and columns are None, int, float, str, bool (stored as 0 or 1) and UUID; there
are no other blobs. Moments are integers, microseconds UTC. JSON is text, opaque to SQL. The one
exception of shape: a tuple is for `in :name` (see `sqlfile`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol, TypeVar
from uuid import UUID

from windmill_lite.base.bell import Bell

T = TypeVar("T")

Dialect = Literal["sqlite", "postgres"]
Scalar = None | int | float | str | bool | UUID
Value = Scalar | tuple[int, ...] | tuple[str, ...] | tuple[UUID, ...]
Params = Mapping[str, Value]
Row = Mapping[str, Any]  # column name -> value; read by name only


class Query(Protocol):
    """A named query of a `.sql` file; see `sqlfile` for how it becomes a statement."""

    @property
    def name(self) -> str: ...

    def render(self, dialect: Dialect, params: Params) -> tuple[str, Any]:
        """The statement and its arguments in the shape the driver of `dialect` takes."""
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

    async def run(self, query: Query, **params: Value) -> int:
        """How many rows the statement changed."""
        ...

    async def run_many(self, query: Query, rows: Sequence[Params]) -> None:
        """The same statement for each row of parameters, all with the same keys."""
        ...

    def ring(self, topic: str) -> None:
        """Rings the bell once the transaction is committed; not at all when it is not."""
        ...


Body = Callable[[Tx], Awaitable[T]]


class Db(Protocol):
    """A database of either kind."""

    @property
    def dialect(self) -> Dialect: ...

    @property
    def bell(self) -> Bell: ...

    async def open(self) -> None:
        """Connects; fails with `Unavailable` that says what could not be reached, password hidden."""
        ...

    async def migrate(self) -> Sequence[str]:
        """Brings the schema up to date under one lock; the names of what was applied."""
        ...

    async def write(self, body: Body[T]) -> T: ...

    def view(self, *, snapshot: bool = False) -> AbstractAsyncContextManager[View]: ...

    async def close(self) -> None:
        """Waits for what is under way; harmless when repeated."""
        ...

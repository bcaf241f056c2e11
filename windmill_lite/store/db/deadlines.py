"""How long anything may take before the caller is told to come back later.

Together they keep a request below 10 s when the database is frozen: a connection is waited for or
made, then one statement or one write runs into its limit.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """All in seconds, above 0."""

    checkout_s: float = 3.0  # for a free connection of the pool
    connect_s: float = 3.0  # for a new connection
    statement_s: float = 6.0  # for one statement; on SQLite of a view only
    write_s: float = 9.0  # for a whole write with its repetitions; on Postgres only


DEADLINES = Deadlines()

"""The languages of databases, in warm children of the fork server.

PostgreSQL is spoken to by a client of our own (wrappers/sql_postgres.py), SQLite by the standard
library.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sandbox.cell import Cell
from windmill_lite.base.codec import Json
from windmill_lite.core.signature.sql.main import POSTGRESQL, SQLITE, Dialect
from windmill_lite.runtimes.base import Call, Probe
from windmill_lite.runtimes.sql.plan import NAMED, NUMBERED, Marks, implied, planned

_ENV: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class Spoken:
    """How a language is read and what it sends."""

    dialect: Dialect
    marks: Marks


SPOKEN: Final[Mapping[str, Spoken]] = MappingProxyType(
    {
        "postgresql": Spoken(POSTGRESQL, NUMBERED),
        "sqlite": Spoken(SQLITE, NAMED),
    }
)


def implied_args(language: str, code: str, args_json: str) -> dict[str, Json]:
    """What a script says of its own arguments that has to be looked up before it runs.

    Fails: `Invalid` when the script cannot be read.
    """
    spoken = SPOKEN.get(language)
    return {} if spoken is None else implied(code, spoken.dialect, json.loads(args_json))


class Sql:
    """One language of a database; the script is planned here and run in the cell."""

    pack: Final = ""

    def __init__(self, language: str, version: str) -> None:
        self.language: Final = language
        self._version = version
        self._spoken = SPOKEN[language]

    def needs(self, call: Call) -> str:
        return ""

    def note(self) -> str:
        return ""

    def probe(self) -> Probe:
        return Probe(self.language, available=True, version=self._version)

    def lock(self, call: Call) -> str:
        """Nothing to resolve."""
        return ""

    def prepare(self, call: Call) -> None:
        """Nothing to build. Fails: `Invalid` when the script cannot be read, or a choice is not
        allowed.
        """
        self._planned(call)

    def _planned(self, call: Call) -> dict[str, Json]:
        args = json.loads(call.args_json or "{}")
        return planned(call.code, self._spoken.dialect, self._spoken.marks, args)

    def command(self, call: Call) -> Cell:
        request = {
            "language": self.language,
            "path": f"{call.path}.sql" if call.path else "script.sql",
            "code": call.code,
            "result_bytes_max": call.result_bytes_max,
            **self._planned(call),
        }
        return Cell(
            id=call.job_id,
            env=_ENV | dict(call.env),
            request=json.dumps(request).encode(),
            limits=call.limits,
            timeout_s=call.timeout_s,
            network=call.network,
            result_bytes_max=call.result_bytes_max
            + 1,  # the answer's first byte is not the result's
        )


def databases() -> tuple[Sql, ...]:
    """All of them, in the order they are offered."""
    return (Sql("postgresql", "protocol 3"), Sql("sqlite", sqlite3.sqlite_version))

"""The languages of databases, in warm children of the fork server.

PostgreSQL and MySQL are spoken to by clients of our own (wrappers/sql_postgres.py, sql_mysql.py),
SQLite by the standard library; others by a package that is pinned in drivers.py, installed when a
job first needs it, as the packages of Python scripts are, and mounted into the cell.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sandbox.cell import Cell, Mount
from windmill_lite.base.codec import Json
from windmill_lite.base.config import environment
from windmill_lite.base.errors import Unavailable
from windmill_lite.core.dependencies.lock import pins
from windmill_lite.core.signature.sql.main import DUCKDB, MYSQL, POSTGRESQL, SQLITE, Dialect
from windmill_lite.runtimes import pypi
from windmill_lite.runtimes.base import Call, Probe, Step
from windmill_lite.runtimes.kept import Kept
from windmill_lite.runtimes.packs import Packs
from windmill_lite.runtimes.sql import drivers
from windmill_lite.runtimes.sql.plan import (
    DOLLARS,
    NAMED,
    NUMBERED,
    REPEATED,
    Marks,
    implied,
    planned,
)

_ENV: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class Spoken:
    """How a language is read and what it sends."""

    dialect: Dialect
    marks: Marks
    driver: str = ""  # a lock of the packages that speak it; "" when nothing has to be installed


SPOKEN: Final[Mapping[str, Spoken]] = MappingProxyType(
    {
        "postgresql": Spoken(POSTGRESQL, NUMBERED),
        "mysql": Spoken(MYSQL, REPEATED),
        "sqlite": Spoken(SQLITE, NAMED),
        "duckdb": Spoken(DUCKDB, DOLLARS, drivers.DUCKDB),
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

    def __init__(self, language: str, version: str, packs: Packs, kept: Kept) -> None:
        self.language: Final = language
        self._version = version
        self._spoken = SPOKEN[language]
        self._packs = packs
        self._kept = kept
        self._pins = pins(self._spoken.driver)

    def needs(self, call: Call) -> str:
        """uv, where the driver is not installed yet."""
        return "" if not self._pins or self._driver() is not None else pypi.UV

    def _driver(self) -> Path | None:
        return self._kept.find(pypi.set_key(self._pins))

    def note(self, call: Call) -> str:
        return ""

    def probe(self) -> Probe:
        note = "its driver is installed with the first job that needs it" if self._pins else ""
        return Probe(self.language, available=True, version=self._version, why=note)

    def lock(self, call: Call) -> str:
        """Nothing to resolve."""
        return ""

    def prepare(self, call: Call) -> Step | None:
        """The driver. Fails: `Invalid` when the script cannot be read, and for a choice that is not
        allowed.
        """
        self._planned(call)
        if not self._pins or self._driver() is not None:
            return None
        missing = [pin for pin in self._pins if self._kept.find(pypi.part_key(pin)) is None]
        return pypi.installing(missing, self._source()) if missing else pypi.joining(self._pins)

    def _source(self) -> pypi.Source:
        found = self._packs.find(pypi.UV)
        if found is None:
            raise Unavailable(f"uv is not installed: {self._packs.remedy(pypi.UV)}")
        return pypi.Source(found, environment())

    def _planned(self, call: Call) -> dict[str, Json]:
        args = json.loads(call.args_json or "{}")
        return planned(call.code, self._spoken.dialect, self._spoken.marks, args)

    def command(self, call: Call) -> Cell:
        """Fails: `Unavailable` when what `prepare` asks for was not done."""
        mounts: tuple[Mount, ...] = ()
        if self._pins:
            driver = self._driver()
            if driver is None:
                raise Unavailable(f"the driver of {self.language} is not installed")
            mounts = (Mount(str(driver), pypi.PACKAGES),)
        request = {
            "language": self.language,
            "path": f"{call.path}.sql" if call.path else "script.sql",
            "code": call.code,
            "result_bytes_max": call.result_bytes_max,
            **({"packages": pypi.PACKAGES} if mounts else {}),
            **self._planned(call),
        }
        return Cell(
            id=call.job_id,
            env=_ENV | dict(call.env),
            request=json.dumps(request).encode(),
            mounts=mounts,
            limits=call.limits,
            timeout_s=call.timeout_s,
            network=call.network,
            result_bytes_max=call.result_bytes_max
            + 1,  # the answer's first byte is not the result's
        )


def databases(packs: Packs, kept: Kept) -> tuple[Sql, ...]:
    """All of them, in the order they are offered."""
    versions = {
        "postgresql": "protocol 3",
        "mysql": "protocol 4.1",
        "sqlite": sqlite3.sqlite_version,
    }
    return tuple(
        Sql(language, versions.get(language) or _version_of(spoken), packs, kept)
        for language, spoken in SPOKEN.items()
    )


def _version_of(spoken: Spoken) -> str:
    """Of the driver, as its lock says."""
    return spoken.driver.partition("==")[2].split()[0]

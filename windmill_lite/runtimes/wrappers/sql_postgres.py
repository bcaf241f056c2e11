"""PostgreSQL, spoken to directly: no driver has to be there, and nothing of a value is guessed.

Everything travels in its text form, which the server writes and parses: so each type means what the
server says it means. A statement is parsed and described first; then its values are bound with the
types that its parameters have by then, and its rows read with those of its columns.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from . import sql_pgtypes as types  # noqa: TID252  a package of its own, see run.py
from .sql_pgwire import Place, Wire  # noqa: TID252  the same
from .sql_scram import MECHANISM, Scram, md5  # noqa: TID252  the same
from .sql_values import Answer, SqlError, string  # noqa: TID252  the same

_SETTINGS: Final = {
    "client_encoding": "UTF8",
    "DateStyle": "ISO, MDY",
    "TimeZone": "UTC",
    "application_name": "windmill-lite",
}
_ARRAYS_OF: Final = (
    "select a.oid, a.typelem, a.typdelim from pg_catalog.pg_type a "
    "where a.oid = any($1) and a.typelem <> 0 and a.typlen = -1"
)
_LOOK_FOR_US: Final = b"set client_connection_check_interval = '2s'"
_ARRAYS: Final = b"arrays"  # the name of that statement
_PARAMETERS_MAX: Final = 65_535


@dataclass(frozen=True, slots=True)
class _Described:
    parameters: tuple[int, ...]  # their types
    names: tuple[str, ...]
    columns: tuple[int, ...]  # the types of the columns


class PostgresSession:
    """One connection, logged in."""

    def __init__(self, resource: Any) -> None:
        place = Place.of(resource)
        self._readers: dict[int, types.Reader] = dict(types.READERS)
        for array, element in types.ELEMENTS.items():
            self._readers[array] = types.array_reader(types.READERS[element])
        self._wire = self._entered(place)
        self._end_with_us()

    def _entered(self, place: Place) -> Wire:
        ways = {"disable": (False,), "allow": (False, True), "prefer": (True, False)}
        tries = ways.get(place.ssl_mode, (True,))
        for last, encrypted in enumerate(tries, 1):
            wire = Wire(place, encrypted=encrypted)
            try:
                return self._logged_in(wire, place)
            except SqlError:
                wire.close()
                if last == len(tries):
                    raise
        raise AssertionError("there is at least one way")

    # ---- coming in -------------------------------------------------------------------------------

    def _logged_in(self, wire: Wire, place: Place) -> Wire:
        wire.start({"user": place.user, "database": place.database, **_SETTINGS})
        scram = Scram(place.password)
        while True:
            kind, body = wire.hear()
            match kind:
                case b"R":
                    self._prove(wire, place, scram, body)
                case b"E":
                    raise _error(body)
                case b"Z":
                    return wire
                case _:
                    pass  # settings, and the key to cancel by

    def _prove(self, wire: Wire, place: Place, scram: Scram, body: bytes) -> None:
        """Answers one question of who we are."""
        question, rest = int.from_bytes(body[:4], "big"), body[4:]
        match question:
            case 0:
                return
            case 3:
                wire.say(b"p", f"{place.password}\0".encode())
            case 5:
                wire.say(b"p", f"{md5(place.user, place.password, rest)}\0".encode())
            case 10:
                if MECHANISM.encode() not in rest.split(b"\0"):
                    raise SqlError("the server asks for a login that is not known here")
                first = scram.first().encode()
                size = struct.pack("!i", len(first))
                wire.say(b"p", f"{MECHANISM}\0".encode(), size, first)
            case 11:
                wire.say(b"p", scram.final(rest.decode()).encode())
            case 12:
                scram.check(rest.decode())
                return
            case _:
                raise SqlError(f"the server asks for a login that is not known here ({question})")
        wire.flush()

    def _end_with_us(self) -> None:
        """A job that is canceled is killed where it stands: the server, which would finish the
        statement first, looks meanwhile whether we are still there. It can since version 14.
        """
        self._wire.say(b"Q", _LOOK_FOR_US, b"\0")
        self._wire.flush()
        while self._wire.hear()[0] != b"Z":
            pass

    # ---- statements ------------------------------------------------------------------------------

    def ask(self, text: str, params: list[dict[str, Any]]) -> Answer:
        if len(params) > _PARAMETERS_MAX:
            raise SqlError(f"at most {_PARAMETERS_MAX:,} parameters are bound")
        declared = [types.number_of(one["type"]) for one in params]
        described = self._described(b"", text, declared)
        self._learn(described.columns)
        values = [
            types.written(one["value"], number, name=one["name"])
            for one, number in zip(params, described.parameters, strict=True)
        ]
        readers = [self._readers.get(number, string) for number in described.columns]
        self._bind(b"", values)
        self._wire.say(b"S")
        return Answer(described.names, self._rows(readers, b"Z"))

    def _described(self, name: bytes, text: str, declared: Sequence[int]) -> _Described:
        """Prepares a statement; no `Sync`, so that a pool in between keeps us where it is."""
        numbers = struct.pack(f"!h{len(declared)}I", len(declared), *declared)
        self._wire.say(b"P", name, b"\0", _encoded(text), b"\0", numbers)
        self._wire.say(b"D", b"S", name, b"\0")
        self._wire.say(b"H")
        parameters: tuple[int, ...] = ()
        names: tuple[str, ...] = ()
        columns: tuple[int, ...] = ()
        for kind, body in self._answers(b"Tn"):
            if kind == b"t":
                parameters = struct.unpack(f"!{(len(body) - 2) // 4}I", body[2:])
            elif kind == b"T":
                names, columns = _columns(body)
        return _Described(parameters, names, columns)

    def _bind(self, name: bytes, values: Sequence[str | None]) -> None:
        parts = [b"\0", name, b"\0\0\0", struct.pack("!h", len(values))]
        for value in values:
            raw = None if value is None else _encoded(value)
            parts.append(struct.pack("!i", -1 if raw is None else len(raw)))
            parts.append(raw or b"")
        self._wire.say(b"B", *parts, b"\0\0")
        self._wire.say(b"E", b"\0", b"\0\0\0\0")

    def _rows(self, readers: Sequence[types.Reader], last: bytes) -> Iterator[list[str]]:
        copies = False
        for kind, body in self._answers(last):
            if kind == b"D":
                yield _row(body, readers)
            elif kind in {b"G", b"W"}:
                self._wire.say(b"f", b"there is nothing to copy from\0")
                self._wire.say(b"S")
                self._wire.flush()
            elif kind == b"H":
                copies = True
        if copies:
            raise SqlError("COPY to the client has no rows; select them instead")

    def _answers(self, last: bytes) -> Iterator[tuple[bytes, bytes]]:
        """What the server says, until it is one of the kinds of `last`. Fails: `SqlError`, when the
        server is ready again.
        """
        self._wire.flush()
        while True:
            kind, body = self._wire.hear()
            if kind == b"E":
                self._recover(synced=last == b"Z")
                raise _error(body)
            if kind == b"N":
                _notice(body)
                continue
            yield kind, body
            if kind in last:
                return

    def _recover(self, *, synced: bool) -> None:
        if not synced:
            self._wire.say(b"S")
            self._wire.flush()
        while self._wire.hear()[0] != b"Z":
            pass

    def _learn(self, numbers: Sequence[int]) -> None:
        """Arrays of types that are not known: of what the database defines itself."""
        unknown = sorted(set(numbers) - self._readers.keys())
        if not unknown:
            return
        self._described(_ARRAYS, _ARRAYS_OF, [1028])
        self._bind(_ARRAYS, [f"{{{','.join(map(str, unknown))}}}"])
        self._wire.say(b"C", b"S", _ARRAYS, b"\0")
        self._wire.say(b"H")
        found = list(self._rows([str, str, str], b"3"))
        for array, element, delimiter in found:
            inner = self._readers.get(int(element), string)
            self._readers[int(array)] = types.array_reader(inner, delimiter)
        for number in unknown:
            self._readers.setdefault(number, string)

    def close(self) -> None:
        self._wire.close()


def _encoded(text: str) -> bytes:
    if "\0" in text:
        raise SqlError("PostgreSQL has no NUL character in its texts")
    return text.encode("utf-8", "replace")


def _columns(body: bytes) -> tuple[tuple[str, ...], tuple[int, ...]]:
    names, numbers, at = [], [], 2
    for _ in range(int.from_bytes(body[:2], "big")):
        end = body.index(b"\0", at)
        names.append(body[at:end].decode("utf-8", "replace"))
        numbers.append(int.from_bytes(body[end + 7 : end + 11], "big"))
        at = end + 19
    return tuple(names), tuple(numbers)


def _row(body: bytes, readers: Sequence[types.Reader]) -> list[str]:
    made, at = [], 2
    for read in readers:
        size = int.from_bytes(body[at : at + 4], "big", signed=True)
        at += 4
        if size < 0:
            made.append("null")
            continue
        made.append(read(body[at : at + size].decode("utf-8", "replace")))
        at += size
    return made


def _fields(body: bytes) -> dict[str, str]:
    parts = body.decode("utf-8", "replace").split("\0")
    return {part[0]: part[1:] for part in parts if part}


def _error(body: bytes) -> SqlError:
    fields = _fields(body)
    more = [
        f"{word}: {fields[key]}" for key, word in (("D", "detail"), ("H", "hint")) if key in fields
    ]
    message = "; ".join([f"{fields.get('M', 'failed')} ({fields.get('C', '')})", *more])
    at = int(fields["P"]) - 1 if fields.get("P", "").isdigit() else None
    return SqlError(message, at=at)


def _notice(body: bytes) -> None:
    fields = _fields(body)
    sys.stdout.write(f"{fields.get('S', 'NOTICE')}: {fields.get('M', '')}\n")

"""MySQL and MariaDB, spoken to directly, with statements that are prepared: values travel beside
them and never in them. What the server cannot prepare, and takes no values, is sent as it is.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .sql_mysqlwire import Place, Wire  # noqa: TID252  a package of its own, see run.py
from .sql_values import Answer, SqlError, is_number, string  # noqa: TID252  the same

_QUERY, _PREPARE, _EXECUTE, _CLOSE = b"\x03", b"\x16", b"\x17", b"\x19"
_CANNOT_PREPARE: Final = 1295
_MORE: Final = 0x8  # in the status: another result follows
_BINARY: Final = 63  # the character set of bytes
_UNSIGNED: Final = 0x20
_JSON: Final = 245
#: Whole numbers in binary rows: the type, its bytes.
_INTEGERS: Final = {1: 1, 2: 2, 13: 2, 3: 4, 9: 4, 8: 8}
_FLOATS: Final = {4: "<f", 5: "<d"}
_DECIMALS: Final = (0, 246)
_MOMENTS: Final = (7, 10, 12)  # timestamp, date, datetime
_TIME, _BIT = 11, 16
_INTEGER_MAX: Final = 2**64
_ISO: Final = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)\d*Z?")


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    kind: int
    charset: int
    unsigned: bool


class MysqlSession:
    """One connection, logged in."""

    def __init__(self, resource: Any) -> None:
        self._wire = Wire(Place.of(resource))
        self._sent(b"set time_zone = '+00:00'")

    def ask(self, text: str, params: list[dict[str, Any]]) -> Answer:
        if not params:
            return self._results(self._sent(text.encode("utf-8", "replace")), binary=False)
        values = [_bound(one) for one in params]
        try:
            self._wire.ask(_PREPARE + text.encode("utf-8", "replace"))
            prepared = self._wire.hear()
        except SqlError as error:
            if error.number == _CANNOT_PREPARE:
                raise SqlError("this statement takes no values: the server says so") from None
            raise
        statement, columns, places = struct.unpack("<IHH", prepared[1:9])
        self._skip(places)
        self._skip(columns)
        if places != len(values):
            raise SqlError(f"the statement has {places} places for {len(values)} values")
        self._wire.ask(_executed(statement, values))
        return self._results(self._wire.hear(), binary=True, statement=statement)

    def _sent(self, text: bytes) -> bytes:
        self._wire.ask(_QUERY + text)
        return self._wire.hear()

    def _skip(self, count: int) -> None:
        """Definitions, and what ends them."""
        for _ in range(count + 1 if count else 0):
            self._wire.hear()

    def _results(self, head: bytes, *, binary: bool, statement: int | None = None) -> Answer:
        """The rows of the first result that has some; those after it are read over."""
        while head[:1] == b"\x00":
            if not _status(head) & _MORE:
                self._forget(statement)
                return Answer([], iter(()))
            head = self._wire.hear()
        columns = [_column(self._wire.hear()) for _ in range(head[0])] if head[0] < 251 else []
        if not columns:
            columns = [_column(self._wire.hear()) for _ in range(_Reader(head).number())]
        self._wire.hear()
        rows = self._rows(columns, binary=binary, statement=statement)
        return Answer([column.name for column in columns], rows)

    def _rows(
        self, columns: Sequence[_Column], *, binary: bool, statement: int | None
    ) -> Iterator[list[str]]:
        while not _is_end(body := self._wire.hear()):
            yield _binary_row(body, columns) if binary else _text_row(body, columns)
        more = bool(int.from_bytes(body[3:5], "little") & _MORE)
        while more:
            more = self._passed_over(self._wire.hear())
        self._forget(statement)

    def _passed_over(self, head: bytes) -> bool:
        """Reads one result to its end; whether another follows."""
        if head[:1] == b"\x00":
            return bool(_status(head) & _MORE)
        self._to_end()  # of the columns
        return self._to_end()

    def _to_end(self) -> bool:
        while not _is_end(body := self._wire.hear()):
            pass
        return bool(int.from_bytes(body[3:5], "little") & _MORE)

    def _forget(self, statement: int | None) -> None:
        if statement is not None:
            self._wire.ask(_CLOSE + struct.pack("<I", statement))

    def close(self) -> None:
        self._wire.close()


class _Reader:
    """Reads a packet from its start to its end."""

    def __init__(self, body: bytes, at: int = 0) -> None:
        self.body = body
        self.at = at

    def take(self, size: int) -> bytes:
        self.at += size
        return self.body[self.at - size : self.at]

    def number(self) -> int:
        first = self.take(1)[0]
        wide = {0xFC: 2, 0xFD: 3, 0xFE: 8}.get(first)
        return first if wide is None else int.from_bytes(self.take(wide), "little")

    def text(self) -> bytes:
        return self.take(self.number())


def _is_end(body: bytes) -> bool:
    return body[:1] == b"\xfe" and len(body) < 9


def _status(body: bytes) -> int:
    reader = _Reader(body, 1)
    reader.number()
    reader.number()
    return int.from_bytes(reader.take(2), "little")


def _column(body: bytes) -> _Column:
    reader = _Reader(body)
    names = [reader.text() for _ in range(6)]
    reader.number()
    charset, _, kind, flags = struct.unpack("<HIBH", reader.take(9))
    name = names[4].decode("utf-8", "replace")
    return _Column(name, kind, charset, bool(flags & _UNSIGNED))


def _text_row(body: bytes, columns: Sequence[_Column]) -> list[str]:
    reader, made = _Reader(body), []
    for column in columns:
        if reader.body[reader.at] == 0xFB:
            reader.at += 1
            made.append("null")
        else:
            made.append(_told(column, reader.text()))
    return made


def _binary_row(body: bytes, columns: Sequence[_Column]) -> list[str]:
    reader = _Reader(body, 1)
    nothing = int.from_bytes(reader.take((len(columns) + 9) // 8), "little") >> 2
    return [
        "null" if nothing >> place & 1 else _binary(column, reader)
        for place, column in enumerate(columns)
    ]


def _binary(column: _Column, reader: _Reader) -> str:
    kind = column.kind
    if kind in _INTEGERS:
        raw = reader.take(_INTEGERS[kind])
        return str(int.from_bytes(raw, "little", signed=not column.unsigned))
    if kind in _FLOATS:
        size = 4 if kind == 4 else 8
        value = struct.unpack(_FLOATS[kind], reader.take(size))[0]
        return f"{value:.7g}" if kind == 4 else repr(value)
    if kind in _MOMENTS:
        return _told(column, _moment(reader.take(reader.number()), kind).encode())
    if kind == _TIME:
        return _told(column, _duration(reader.take(reader.number())).encode())
    return _told(column, reader.text())


def _moment(raw: bytes, kind: int) -> str:
    year, month, day = struct.unpack("<HBB", raw[:4]) if raw else (0, 0, 0)
    date = f"{year:04}-{month:02}-{day:02}"
    if kind == 10:
        return date
    hour, minute, second = raw[4:7] if len(raw) > 4 else (0, 0, 0)
    part = f".{int.from_bytes(raw[7:11], 'little'):06}" if len(raw) > 7 else ""
    return f"{date} {hour:02}:{minute:02}:{second:02}{part}"


def _duration(raw: bytes) -> str:
    if not raw:
        return "00:00:00"
    negative, days, hour, minute, second = struct.unpack("<BIBBB", raw[:8])
    part = f".{int.from_bytes(raw[8:12], 'little'):06}" if len(raw) > 8 else ""
    return f"{'-' if negative else ''}{days * 24 + hour:02}:{minute:02}:{second:02}{part}"


def _told(column: _Column, raw: bytes) -> str:
    """A value in its text form, as JSON text."""
    kind = column.kind
    if kind == _BIT:
        return str(int.from_bytes(raw, "big"))
    if column.charset == _BINARY and (249 <= kind <= 255 and kind != _JSON):
        return f'"{base64.b64encode(raw).decode()}"'
    text = raw.decode("utf-8", "replace")
    if kind == _JSON:
        return text
    if kind in _INTEGERS or kind in _FLOATS or kind in _DECIMALS:
        text = text.lstrip("0") or "0" if kind in _INTEGERS and text.isdigit() else text
        return text if is_number(text) else string(text)
    if kind in (7, 12):
        return string(text.replace(" ", "T"))
    return string(text)


def _executed(statement: int, values: Sequence[Any]) -> bytes:
    nothing, types, data = 0, [], []
    for place, value in enumerate(values):
        if value is None:
            nothing |= 1 << place
            types.append(b"\x06\x00")
        elif isinstance(value, int):
            signed = value < 2**63
            types.append(b"\x08\x00" if signed else b"\x08\x80")
            data.append(struct.pack("<q" if signed else "<Q", value))
        elif isinstance(value, float):
            types.append(b"\x05\x00")
            data.append(struct.pack("<d", value))
        else:
            raw = value if isinstance(value, bytes) else value.encode("utf-8", "replace")
            types.append(b"\xfb\x00" if isinstance(value, bytes) else b"\xfd\x00")
            data += [_sized(len(raw)), raw]
    bits = nothing.to_bytes((len(values) + 7) // 8, "little")
    head = _EXECUTE + struct.pack("<IBI", statement, 0, 1)
    return b"".join([head, bits, b"\x01", *types, *data])


def _sized(size: int) -> bytes:
    if size < 251:
        return bytes([size])
    if size < 1 << 16:
        return b"\xfc" + size.to_bytes(2, "little")
    if size < 1 << 24:
        return b"\xfd" + size.to_bytes(3, "little")
    return b"\xfe" + size.to_bytes(8, "little")


def _bound(one: dict[str, Any]) -> Any:
    """Lists and objects as their JSON text; moments as these databases write them, in UTC."""
    value, declared = one["value"], one["type"].lower()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) and not -(2**63) <= value < _INTEGER_MAX:
        raise SqlError(f"{one['name']}: {value} is beyond 64 bits")
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if not isinstance(value, str):
        return value
    if "blob" in declared or "binary" in declared:
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error:
            raise SqlError(f"{one['name']}: expected base64") from None
    moment = _ISO.fullmatch(value)
    if moment is not None and declared.startswith(("date", "time")):
        return moment[1] if declared == "date" else f"{moment[1]} {moment[2]}"
    return value

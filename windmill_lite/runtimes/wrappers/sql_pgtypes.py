"""PostgreSQL's types in their text form: which are known, and how a value of each is read as JSON
text and written for the server, which parses it.

What JSON has words for becomes that: numbers with all of their digits, booleans, JSON itself,
arrays as lists. Moments are ISO 8601, bytes base64. Everything else is the server's own text, as
are NaN and the infinities.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from .sql_values import SqlError, is_number, string  # noqa: TID252  a package of its own

Reader = Callable[[str], str]
_LENGTH: Final = re.compile(r"\s*\([^()]*\)")


def _boolean(text: str) -> str:
    return "true" if text == "t" else "false"


def _number(text: str) -> str:
    return text if is_number(text) else string(text)


def _itself(text: str) -> str:
    return text


def _moment(text: str) -> str:
    """`2024-02-29 10:00:00.5+00` with a T, and the minutes of the offset."""
    if " " not in text or text.endswith(("BC", "infinity")):
        return string(text)
    date, _, time = text.partition(" ")
    at = max(time.rfind("+"), time.rfind("-"))
    if at > 0 and ":" not in time[at:]:
        time += ":00"
    return string(f"{date}T{time}")


def _bytes(text: str) -> str:
    raw = bytes.fromhex(text[2:]) if text.startswith("\\x") else _escaped(text)
    return f'"{base64.b64encode(raw).decode()}"'


def _escaped(text: str) -> bytes:
    """The older form of bytes: `\\\\` and three octal digits."""
    made, at = bytearray(), 0
    while at < len(text):
        if text[at] != "\\":
            made += text[at].encode()
            at += 1
        elif text[at + 1] == "\\":
            made += b"\\"
            at += 2
        else:
            made.append(int(text[at + 1 : at + 4], 8))
            at += 4
    return bytes(made)


#: Name -> its number, that of its arrays, how it is read.
_KNOWN: Final[Mapping[str, tuple[int, int, Reader]]] = MappingProxyType(
    {
        "bool": (16, 1000, _boolean),
        "bytea": (17, 1001, _bytes),
        "name": (19, 1003, string),
        "int8": (20, 1016, _itself),
        "int2": (21, 1005, _itself),
        "int4": (23, 1007, _itself),
        "text": (25, 1009, string),
        "oid": (26, 1028, _itself),
        "json": (114, 199, _itself),
        "float4": (700, 1021, _number),
        "float8": (701, 1022, _number),
        "bpchar": (1042, 1014, string),
        "varchar": (1043, 1015, string),
        "date": (1082, 1182, string),
        "time": (1083, 1183, string),
        "timestamp": (1114, 1115, _moment),
        "timestamptz": (1184, 1185, _moment),
        "timetz": (1266, 1270, string),
        "interval": (1186, 1187, string),
        "numeric": (1700, 1231, _number),
        "uuid": (2950, 2951, string),
        "jsonb": (3802, 3807, _itself),
    }
)
#: Other spellings in declarations.
_SPELLED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "boolean": "bool",
        "smallint": "int2",
        "int": "int4",
        "integer": "int4",
        "bigint": "int8",
        "real": "float4",
        "float": "float8",
        "double precision": "float8",
        "decimal": "numeric",
        "character varying": "varchar",
        "char": "bpchar",
        "character": "bpchar",
        "timestamp without time zone": "timestamp",
        "timestamp with time zone": "timestamptz",
        "time without time zone": "time",
        "time with time zone": "timetz",
        "bigserial": "int8",
        "serial": "int4",
    }
)
READERS: Final[Mapping[int, Reader]] = MappingProxyType(
    {number: read for number, _, read in _KNOWN.values()}
)
ELEMENTS: Final[Mapping[int, int]] = MappingProxyType(
    {array: number for number, array, _ in _KNOWN.values()}
)
_BYTES, _JSON, _JSONB = 17, 114, 3802


def number_of(spelled: str) -> int:
    """The type that a declaration names; 0, and the server finds it, when it is none of these."""
    name = _LENGTH.sub("", spelled.lower()).strip()
    is_array = name.endswith("[]")
    name = name.removesuffix("[]").strip()
    found = _KNOWN.get(_SPELLED.get(name, name))
    if found is None:
        return 0
    return found[1] if is_array else found[0]


def written(value: Any, number: int, *, name: str) -> str | None:
    """A JSON value as the text of a type; None is null. Fails: `SqlError`, naming the parameter."""
    if value is None:
        return None
    element = ELEMENTS.get(number)
    if element is not None and isinstance(value, list):
        return _array(value, element, name=name)
    if number in {_JSON, _JSONB}:
        return json.dumps(value, ensure_ascii=False)
    if number == _BYTES and isinstance(value, str):
        try:
            return "\\x" + base64.b64decode(value, validate=True).hex()
        except binascii.Error:
            raise SqlError(f"{name}: expected base64") from None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _array(values: list[Any], element: int, *, name: str) -> str:
    parts = []
    for value in values:
        if isinstance(value, list) and element not in {_JSON, _JSONB}:
            parts.append(_array(value, element, name=name))
            continue
        text = written(value, element, name=name)
        if text is None:
            parts.append("NULL")
        else:
            escaped = text.replace("\\", "\\\\").replace('"', '\\"')
            parts.append(f'"{escaped}"')
    return f"{{{','.join(parts)}}}"


def array_reader(element: Reader, delimiter: str = ",") -> Reader:
    """Reads `{1,NULL,"a b",{2}}` as a list, with `element` for what is in it."""

    def read(text: str) -> str:
        start = text.index("{")  # bounds that are not the usual ones stand before it
        return _Array(text, element, delimiter).read(start)[0]

    return read


class _Array:
    def __init__(self, text: str, element: Reader, delimiter: str) -> None:
        self._text = text
        self._element = element
        self._delimiter = delimiter

    def read(self, at: int) -> tuple[str, int]:
        """The list that opens at `at`, and where it ends."""
        text, parts = self._text, []
        at += 1
        while text[at] != "}":
            if text[at] == "{":
                part, at = self.read(at)
            elif text[at] == '"':
                part, at = self._quoted(at + 1)
            else:
                part, at = self._bare(at)
            parts.append(part)
            if text[at] == self._delimiter:
                at += 1
        return f"[{','.join(parts)}]", at + 1

    def _quoted(self, at: int) -> tuple[str, int]:
        made = []
        while self._text[at] != '"':
            at += self._text[at] == "\\"
            made.append(self._text[at])
            at += 1
        return self._element("".join(made)), at + 1

    def _bare(self, at: int) -> tuple[str, int]:
        end = at
        while self._text[end] not in (self._delimiter, "}"):
            end += 1
        word = self._text[at:end]
        return ("null" if word == "NULL" else self._element(word)), end

"""The types that databases have, as the words every language shares.

As Windmill maps them: dates and times of every kind are a moment, what is not known is text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from windmill_lite.core.signature.bounds import TYPE_DEPTH_MAX
from windmill_lite.core.signature.types import (
    Bool,
    Bytes,
    Float,
    Int,
    List,
    Object,
    Resource,
    Str,
    Typ,
)

_INTEGERS = (
    "int int2 int4 int8 integer tinyint smallint mediumint bigint hugeint uhugeint serial serial2 "
    "serial4 serial8 smallserial bigserial oid signed unsigned short long year utinyint usmallint "
    "uinteger ubigint int1 int16 int32 int64 int128"
)
_NUMBERS = "real float float4 float8 double numeric decimal dec fixed number"
_BOOLEANS = "bool boolean bit logical"
_MOMENTS = "date time timetz timestamp timestamptz datetime"
_BYTES = "bytea blob binary varbinary tinyblob mediumblob longblob"

_EVERYWHERE: Mapping[str, Typ] = MappingProxyType(
    {
        **dict.fromkeys(_INTEGERS.split(), Int()),
        **dict.fromkeys(_NUMBERS.split(), Float()),
        **dict.fromkeys(_BOOLEANS.split(), Bool()),
        **dict.fromkeys(_MOMENTS.split(), Str("date-time")),
        **dict.fromkeys(_BYTES.split(), Bytes()),
        "s3object": Resource("S3Object"),  # Windmill's spelling in SQL
    }
)
POSTGRESQL: Mapping[str, Typ] = MappingProxyType(
    {
        **_EVERYWHERE,
        "bit": Str(),  # a string of bits
        "json": Object(),
        "jsonb": Object(),
    }
)
# JSON travels as text there, and in MySQL bytes do, too.
MYSQL: Mapping[str, Typ] = MappingProxyType({**_EVERYWHERE, **dict.fromkeys(_BYTES.split(), Str())})
DUCKDB = SQLITE = _EVERYWHERE

_SPELLING_CHARS_MAX = 200
_LENGTH = re.compile(r"\([^()]*\)")
_ARRAY = re.compile(r"(?:\s*\[\s*\d{0,9}\s*\]|\s+array)$")
# `double precision`, `timestamp with time zone`, `character varying`, `bigint unsigned`: the first
# word says it, but for `long text` and its like.
_TEXTS = re.compile(r"(?:long|national)\s+\w*(?:char|text)")


def sql_type(spelled: str, table: Mapping[str, Typ]) -> Typ:
    """The type behind its SQL spelling, in any case: `VARCHAR(20)`, `numeric(10, 2)[]`."""
    if len(spelled) > _SPELLING_CHARS_MAX:
        return Str()
    name = _LENGTH.sub("", spelled).strip().lower()
    depth = 0
    while depth < TYPE_DEPTH_MAX and (array := _ARRAY.search(name)) is not None:
        name = name[: array.start()]
        depth += 1
    first = name.split()[0] if name.split() and not _TEXTS.match(name) else ""
    typ = table.get(first, Str())
    for _ in range(depth):
        typ = List(typ)
    return typ

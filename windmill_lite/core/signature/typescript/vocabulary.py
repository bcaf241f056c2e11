"""The names of TypeScript, JavaScript and `windmill-client` that mean something in a signature.

A name that is not here and not in the file is the name of a resource type.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from windmill_lite.core.signature.types import (
    Bool,
    Bytes,
    Float,
    Int,
    List,
    Nullable,
    Object,
    Resource,
    Str,
    Typ,
    Unknown,
)

PREDEFINED: Mapping[str, Typ] = MappingProxyType(
    {
        "string": Str(),
        "number": Float(),
        "boolean": Bool(),
        "object": Object(),
        "void": Nullable(Unknown()),
    }
)

# Names of Windmill, which no definition in the file changes.
WINDMILL: Mapping[str, Typ] = MappingProxyType(
    {
        "S3Object": Resource("s3_object"),
        "Base64": Bytes(),
        "Email": Str("email"),
        "Sql": Str("sql"),
    }
)

_NO_DATA = (
    "ArrayBuffer AsyncIterable Blob Buffer DataView Error File FormData Function Headers Int8Array "
    "Iterable Iterator Map Promise ReadableStream RegExp Request Response Set Symbol URL "
    "URLSearchParams Uint8Array WeakMap WeakSet"
)

# What the language has, unless the file gives the name to something else.
GLOBAL: Mapping[str, Typ] = MappingProxyType(
    {
        "bigint": Int(),
        "BigInt": Int(),
        "Date": Str("date-time"),
        "String": Str(),
        "Number": Float(),
        "Boolean": Bool(),
        "Object": Object(),
        "Array": List(Unknown()),
        "ReadonlyArray": List(Unknown()),
        "Record": Object(),
        "undefined": Nullable(Unknown()),
        # JSON cannot carry these, so a script that asks for one takes what it gets.
        **dict.fromkeys(_NO_DATA.split(), Unknown()),
    }
)
LISTS = frozenset({"Array", "ReadonlyArray"})
# Wrappers that change nothing for JSON.
TRANSPARENT = frozenset({"Readonly", "Promise", "Awaited"})

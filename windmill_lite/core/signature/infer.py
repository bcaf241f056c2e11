"""From the text of a script to its signature and schema: the table of languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from windmill_lite.core.signature.bash.main import read_bash
from windmill_lite.core.signature.go.main import read_go
from windmill_lite.core.signature.model import (
    Expired,
    Inferred,
    Signature,
    UnknownLanguage,
    patient,
)
from windmill_lite.core.signature.php.main import read_php
from windmill_lite.core.signature.python.main import read_python
from windmill_lite.core.signature.schema import to_schema
from windmill_lite.core.signature.sql.main import DUCKDB, MYSQL, POSTGRESQL, SQLITE, read_sql
from windmill_lite.core.signature.typescript.main import read_typescript

# Text, the name of the entry point and the patience of the caller in, signature out; fails with
# SourceError. Where the script is its own entry point, the name says nothing.
Parser: TypeAlias = "Callable[[str, str, Expired], Signature]"

# A language joins by a line here and a room beside this file. That a language can be read does not
# mean that it can be run.
PARSERS: Mapping[str, Parser] = MappingProxyType(
    {
        "python3": lambda code, entrypoint, _: read_python(code, entrypoint),
        "bun": read_typescript,
        "deno": read_typescript,
        "nativets": read_typescript,
        "go": read_go,
        "bash": lambda code, _, __: read_bash(code),
        "php": lambda code, entrypoint, _: read_php(code, entrypoint),
        "postgresql": lambda code, _, __: read_sql(code, POSTGRESQL),
        "mysql": lambda code, _, __: read_sql(code, MYSQL),
        "duckdb": lambda code, _, __: read_sql(code, DUCKDB),
        "sqlite": lambda code, _, __: read_sql(code, SQLITE),
    }
)


def infer(
    language: str, code: str, entrypoint: str | None = None, *, expired: Expired = patient
) -> Inferred:
    """What a script takes, without running it; `entrypoint` is `main` unless another is named.

    Fails:   UnknownLanguage; SourceError with line and column when the text cannot be read, or not
             before `expired` says so.
    """
    parser = PARSERS.get(language)
    if parser is None:
        known = ", ".join(sorted(PARSERS))
        raise UnknownLanguage(f"no signature can be read for {language!r}; known are {known}")
    signature = parser(code, entrypoint or "main", expired)
    return Inferred(signature, to_schema(signature))

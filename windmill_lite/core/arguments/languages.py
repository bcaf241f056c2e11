"""What a language takes beyond what its scripts' schemas say.

The schemas are Windmill's, which has no word for it: a word of a shell is made of any value, and in
a database every type has NULL, and JSON is more than objects. Windmill's own check is off unless a
script asks for it, so callers send such values.
"""

from __future__ import annotations

from typing import Any, Final

from windmill_lite.core.arguments.dialect import Schema, mapped

_SHELLS: Final = frozenset({"bash"})
_DATABASES: Final = frozenset({"postgresql", "mysql", "sqlite", "duckdb"})


def taken(language: str | None, schema: Schema) -> Schema:
    """The schema by which arguments of a script in this language are checked."""
    if language not in _SHELLS | _DATABASES:
        return schema
    widen = _word if language in _SHELLS else _bound
    properties = {
        name: widen(one) if isinstance(one, dict) else one
        for name, one in mapped(schema, "properties").items()
    }
    return {**schema, "properties": properties}


def _word(schema: Schema) -> Schema:
    plain = schema.get("type") == "string" and "enum" not in schema
    return {**schema, "type": ""} if plain else schema


def _bound(schema: Schema) -> Schema:
    if str(schema.get("format", "")).startswith("resource-") or "enum" in schema:
        return schema  # the connection, a file, a name that stands in the text
    wider: dict[str, Any] = {**schema, "nullable": True}
    if schema.get("type") == "object" and not mapped(schema, "properties"):
        wider["type"] = ""
    if items := mapped(schema, "items"):
        wider["items"] = _bound(items)
    return wider

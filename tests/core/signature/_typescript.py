"""How the tests of this room write TypeScript and read what is inferred from it."""

from __future__ import annotations

from typing import Any

from tests.core.signature._values import assert_kept
from windmill_lite.core.signature import infer


def script(parameters: str, before: str = "") -> str:
    return f"{before}\nexport async function main({parameters}) {{ return 1 }}\n"


def schema_of(code: str) -> dict[str, Any]:
    schema = infer("bun", code).schema
    assert_kept(schema)
    return schema


def prop(typ: str, before: str = "") -> dict[str, Any]:
    """The property of one parameter, without what every property has."""
    return bare(schema_of(script(f"x: {typ}", before))["properties"]["x"])


def shown(default: str, before: str = "") -> dict[str, Any]:
    """The property of a parameter that has only a default."""
    return bare(schema_of(script(f"x = {default}", before))["properties"]["x"])


def required(parameters: str, before: str = "") -> list[str]:
    return list(schema_of(script(parameters, before))["required"])


def bare(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without the empty words and defaults that Windmill writes."""
    kept = {key: value for key, value in schema.items() if key != "default" or value is not None}
    if not kept.get("description"):
        kept.pop("description", None)
    if "properties" in kept:
        kept["properties"] = {name: bare(one) for name, one in kept["properties"].items()}
    if isinstance(kept.get("items"), dict):
        kept["items"] = bare(kept["items"])
    if "oneOf" in kept:
        kept["oneOf"] = [bare(one) for one in kept["oneOf"]]
    return kept


def struct(required: list[str] | None = None, /, **fields: object) -> dict[str, Any]:
    """An object with fields, all of them required unless it is said which."""
    names = list(fields) if required is None else required
    schema = {"type": "object", "properties": fields}
    return {**schema, "required": names} if names else schema


def model(name: str, required: list[str] | None = None, /, **fields: object) -> dict[str, Any]:
    """The object behind a type with a name."""
    return {**struct(required, **fields), "format": f"resource-{name}", "order": list(fields)}


def variant(title: str, /, **fields: object) -> dict[str, Any]:
    """One of the objects of a `oneOf`."""
    return {**struct(None, **fields), "order": list(fields), "title": title}

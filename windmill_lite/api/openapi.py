"""The OpenAPI 3.1 document, made from the table of routes and the models of the shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter

from windmill_lite import __version__
from windmill_lite.api.params import Query
from windmill_lite.api.route import Kind, Level, RouteDef
from windmill_lite.base.codec import Json, dumps

_REF = "#/components/schemas/{model}"
_PREFIX = "/api"

Schema = dict[str, Any]

_REFUSAL: Schema = {
    "description": "A refusal: one line of text that names the thing and the remedy",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}
_SECURITY: Schema = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "token"},
    "query": {"type": "apiKey", "in": "query", "name": "token"},
}


def document(table: Sequence[RouteDef]) -> str:
    """The whole document as JSON text."""
    replies, reply_defs = _schemas([(r, r.reply) for r in table if not isinstance(r.reply, Kind)])
    bodies, body_defs = _schemas([(r, r.body) for r in table if r.body is not None])
    for definition in reply_defs.values():
        _without_nulls(definition)
    paths: dict[str, Schema] = {}
    for route in table:
        operation = _operation(route)
        operation["responses"] = _responses(route, replies.get(route.name))
        body = _request_body(route, bodies.get(route.name))
        if body is not None:
            operation["requestBody"] = body
        place = paths.setdefault(_template(route), {})
        if not route.path.startswith(_PREFIX + "/"):
            place["servers"] = [{"url": "/"}]
        place[route.method.lower()] = operation
    components = _components(body_defs | reply_defs)
    return dumps(_head() | {"paths": dict(sorted(paths.items())), "components": components})


def _head() -> dict[str, Json]:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "windmill-lite",
            "version": __version__,
            "description": "Windmill's API, as far as it is answered here, and a few additions.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": _PREFIX}],
    }


def _components(schemas: dict[str, Schema]) -> Schema:
    return {"schemas": dict(sorted(schemas.items())), "securitySchemes": _SECURITY}


def _template(route: RouteDef) -> str:
    return route.path.removeprefix(_PREFIX).replace("...}", "}")


def _schemas(wanted: list[tuple[RouteDef, Any]]) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """By operation, and the definitions they refer to."""
    inputs: list[Any] = [(route.name, "validation", TypeAdapter(shape)) for route, shape in wanted]
    found, rest = TypeAdapter.json_schemas(inputs, ref_template=_REF)
    return {name: schema for (name, _), schema in found.items()}, rest.get("$defs", {})


def _without_nulls(definition: Schema) -> None:
    """What may be absent in a reply is left out and never null."""
    required = definition.get("required", [])
    for name, schema in definition.get("properties", {}).items():
        if name not in required:
            _optional(schema)


def _optional(schema: Schema) -> Schema:
    """`anyOf: [X, null]` with the default null becomes X."""
    if schema.get("default", ...) is None:
        del schema["default"]
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) == 1:
        del schema["anyOf"]
        schema.update(kinds[0])
    return schema


def _operation(route: RouteDef) -> Schema:
    operation: Schema = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": [
            *_path_parameters(route),
            *_query_parameters(route),
            *_header_parameters(route),
        ],
    }
    if route.access.level not in (Level.PUBLIC, Level.LINK):
        operation["security"] = [{name: []} for name in _SECURITY]
    return operation


def _path_parameters(route: RouteDef) -> Iterator[Schema]:
    for segment in route.path.split("/"):
        if segment.startswith("{"):
            name = segment[1:-1].removesuffix("...")
            schema = {"type": "string"}
            if name == "id":
                schema["format"] = "uuid"
            yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(route: RouteDef) -> Iterator[Schema]:
    if route.query is None:
        return
    described = TypeAdapter(route.query).json_schema()
    for name, referring in described["properties"].items():
        schema = _inlined(referring, described.get("$defs", {}))
        schema.pop("title", None)
        yield {"name": name, "in": "query", "required": False, "schema": _optional(schema)}


def _inlined(schema: Any, definitions: dict[str, Schema]) -> Any:
    """With every `$ref` replaced by what it refers to: a parameter has no place for definitions."""
    if isinstance(schema, list):
        return [_inlined(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _inlined(definitions[reference.rpartition("/")[2]], definitions)
    return {name: _inlined(each, definitions) for name, each in schema.items()}


def _header_parameters(route: RouteDef) -> Iterator[Schema]:
    if route.query is None or not issubclass(route.query, Query):
        return
    for name, meaning in route.query.headers.items():
        text = {"type": "string"}
        yield {
            "name": name,
            "in": "header",
            "required": False,
            "description": meaning,
            "schema": text,
        }


def _request_body(route: RouteDef, schema: Schema | None) -> Schema | None:
    if route.args_body:
        args = {"type": "object", "additionalProperties": True}
        text = {"type": "string"}
        return {
            "description": "The arguments by name; other formats become arguments too",
            "content": {
                "application/json": {"schema": args},
                "application/x-www-form-urlencoded": {"schema": args},
                "text/plain": {"schema": text},
            },
        }
    if schema is None:
        return None
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _responses(route: RouteDef, schema: Schema | None) -> Schema:
    media = route.reply.value if isinstance(route.reply, Kind) else Kind.JSON.value
    if schema is None:
        schema = {} if route.reply is Kind.JSON else {"type": "string"}
    good: Schema = {"description": route.summary, "content": {media: {"schema": schema}}}
    return {str(route.status): good, "default": _REFUSAL}

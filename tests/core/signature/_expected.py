"""Properties that several tests of this room expect."""

from __future__ import annotations

from typing import Any

STRING = {"type": "string", "originalType": "string"}
INTEGER = {"type": "integer"}
NUMBER = {"type": "number"}
BOOLEAN = {"type": "boolean"}
ANY = {"type": ""}
DICT = {"type": "object", "properties": {}}
STRINGS = {"type": "array", "items": {"type": "string"}}
NUMBERS = {"type": "array", "items": {"type": "number"}, "originalType": "number[]"}
ANYTHINGS = {"type": "array", "items": {}}
BYTES = {"type": "string", "contentEncoding": "base64", "originalType": "bytes"}
DATE_TIME = {"type": "string", "format": "date-time"}
DATE = {"type": "string", "format": "date"}
S3 = {"type": "object", "format": "resource-s3_object"}


def resource(name: str) -> dict[str, Any]:
    return {"type": "object", "format": f"resource-{name}"}


def resources(name: str) -> dict[str, Any]:
    items = {"type": "resource", "resourceType": name}
    return {"type": "array", "items": items, "originalType": "resource[]"}


def choice(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values), "originalType": "enum"}


def mapping(values: object) -> dict[str, Any]:
    return {"type": "object", "properties": {}, "additionalProperties": values}

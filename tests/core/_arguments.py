"""Schemas that several tests check arguments against."""

from __future__ import annotations

from windmill_lite.core.arguments import check

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
STRINGS = {"type": "array", "items": STRING}
POINT = {
    "type": "object",
    "format": "resource-Point",
    "properties": {"x": {"type": "number"}, "name": STRING},
    "required": ["x"],
}
PETS = {
    "type": "object",
    "oneOf": [
        {
            "type": "object",
            "title": "cat",
            "properties": {"kind": {"type": "string", "enum": ["cat"]}, "lives": INTEGER},
            "required": ["kind", "lives"],
        },
        {
            "type": "object",
            "title": "dog",
            "properties": {"kind": {"type": "string", "enum": ["dog"]}, "breed": STRING},
            "required": ["kind"],
        },
    ],
}


def told(schema: object, value: object) -> list[str]:
    """The problems of one required argument named x."""
    whole = {"type": "object", "properties": {"x": schema}, "required": ["x"]}
    return [str(problem) for problem in check(whole, {"x": value})]

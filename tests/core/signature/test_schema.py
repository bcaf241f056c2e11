"""The whole schema of a script, as Windmill's own tools write it where they write it well."""

from __future__ import annotations

from windmill_lite.core.signature import infer

SCRIPT = """
import wmill
from datetime import datetime
from enum import Enum
from typing import List, Literal, Optional

postgresql = dict

class Color(str, Enum):
    RED = "red"
    BLUE = "blue"

def main(
    anything,
    name: str,
    count: int,
    ratio: float,
    sure: bool,
    data: dict,
    tags: list,
    numbers: list[int],
    rows: list[dict],
    mode: Literal["a", "b"],
    modes: list[Literal["a", "b"]],
    color: Color,
    file: bytes,
    at: datetime,
    db: postgresql,
    s3: wmill.S3Object,
    s3s: List[wmill.S3Object],
    query: wmill.Sql,
    maybe: Optional[int],
    text: str = "hi",
    shade: Color = Color.BLUE,
    since: datetime = datetime.now(),
    extra: Optional[dict] = None,
    three=3,
    config={"a": {"b": [1]}},
):
    return 1
"""

# Observed with Windmill's command line (version 1.819.0); `order` is ours.
OBSERVED: dict[str, dict[str, object]] = {
    "anything": {"type": ""},
    "name": {"type": "string", "originalType": "string"},
    "count": {"type": "integer"},
    "ratio": {"type": "number"},
    "sure": {"type": "boolean"},
    "data": {"type": "object", "properties": {}},
    "tags": {"type": "array", "items": {"type": "string"}, "originalType": "string[]"},
    "numbers": {"type": "array", "items": {"type": "number"}, "originalType": "number[]"},
    "rows": {"type": "array", "items": {"type": "object"}, "originalType": "record[]"},
    "mode": {"type": "string", "enum": ["a", "b"], "originalType": "enum"},
    "modes": {
        "type": "array",
        "items": {"type": "string", "enum": ["a", "b"]},
        "originalType": "enum[]",
    },
    "color": {"type": "string", "enum": ["red", "blue"], "originalType": "enum"},
    "file": {"type": "string", "contentEncoding": "base64", "originalType": "bytes"},
    "at": {"type": "string", "format": "date-time"},
    "db": {"type": "object", "format": "resource-postgresql"},
    "s3": {"type": "object", "format": "resource-s3_object"},
    "s3s": {
        "type": "array",
        "items": {"type": "resource", "resourceType": "s3_object"},
        "originalType": "resource[]",
    },
    "query": {"type": "string", "format": "sql"},
    "maybe": {"type": "integer"},
    "text": {"type": "string", "originalType": "string", "default": "hi"},
    "shade": {
        "type": "string",
        "enum": ["red", "blue"],
        "originalType": "enum",
        "default": "blue",
    },
    "since": {"type": "string", "format": "date-time", "default": "<function call>"},
    "extra": {"type": "object", "properties": {}},
    "three": {"type": "integer", "default": 3},
    "config": {
        "type": "object",
        "properties": {
            "a": {
                "type": "object",
                "description": "",
                "properties": {
                    "b": {
                        "type": "array",
                        "description": "",
                        "items": {"type": "number"},
                        "originalType": "number[]",
                    }
                },
            }
        },
        "default": {"a": {"b": [1]}},
    },
}


def test_a_schema_is_the_one_that_windmill_writes() -> None:
    names = list(OBSERVED)
    assert infer("python3", SCRIPT, None).schema == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            name: {"description": "", "default": None, **one} for name, one in OBSERVED.items()
        },
        "required": names[: names.index("maybe")],
        "order": names,
    }


def test_the_schema_of_one_script_is_not_shared_with_the_next() -> None:
    first = infer("python3", SCRIPT, None).schema
    first["properties"]["extra"]["properties"]["spoiled"] = True
    first["properties"]["modes"]["items"]["enum"].append("spoiled")
    assert "spoiled" not in str(infer("python3", SCRIPT, None).schema)

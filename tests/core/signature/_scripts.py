"""How the tests of this room write scripts and read what is inferred from them."""

from __future__ import annotations

from typing import Any

from tests.core.signature._values import assert_kept
from windmill_lite.core.signature import Arg, infer

IMPORTS = """
from __future__ import annotations
import datetime as dt
import enum, typing, uuid, wmill
import typing as t
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum, auto
from pathlib import Path
from typing import *
from uuid import UUID
from pydantic import BaseModel, EmailStr, Field, HttpUrl, PositiveInt, SecretStr, conint, conlist
from wmill import S3Object
"""


def script(parameters: str, before: str = "") -> str:
    return f"{IMPORTS}\n{before}\ndef main({parameters}):\n    pass\n"


def schema_of(code: str) -> dict[str, Any]:
    schema = infer("python3", code, None).schema
    assert_kept(schema)
    return schema


def prop(annotation: str, before: str = "") -> dict[str, Any]:
    """The property of one parameter, without what every parameter of Windmill's schemas has."""
    result = raw_prop(annotation, before)
    assert result.pop("default", "absent") is None, "a parameter without default has null"
    if result.get("description") == "":
        del result["description"]
    return result


def raw_prop(annotation: str, before: str = "") -> dict[str, Any]:
    return dict(schema_of(script(f"x: {annotation}", before))["properties"]["x"])


def required(parameters: str, before: str = "") -> list[str]:
    return list(schema_of(script(parameters, before))["required"])


def arg(parameter: str, before: str = "") -> Arg:
    (only,) = infer("python3", script(parameter, before), None).signature.args
    return only

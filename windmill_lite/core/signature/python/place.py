"""Where an annotation stands, and what the rooms that read annotations ask of each other."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Protocol

from windmill_lite.core.signature.python.constants import Constant
from windmill_lite.core.signature.python.resolve import Names
from windmill_lite.core.signature.types import Json, Typ


@dataclass(frozen=True, slots=True)
class Place:
    """Inside which class, how deep in brackets, and which models are being read around it."""

    within: str = ""
    depth: int = 0
    models: tuple[str, ...] = ()


class Reader(Protocol):
    names: Names
    fields_left: int  # how many more fields the parameter at hand may have

    def read(self, node: ast.expr, place: Place) -> Typ:
        """The type of an annotation."""

    def evaluate(self, node: ast.expr, within: str = "") -> Constant:
        """The constant an expression stands for."""

    def constraints(self, node: ast.expr, within: str) -> dict[str, Json]:
        """The JSON Schema keywords behind `Field(...)` and its kin."""

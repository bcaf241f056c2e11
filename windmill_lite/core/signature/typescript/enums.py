"""Enumerations: which values they have; those that are numbers are shown with their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from windmill_lite.core.signature.grammar import named
from windmill_lite.core.signature.types import Json, Typ, Unknown
from windmill_lite.core.signature.typescript.values import Constant, key_of
from windmill_lite.core.signature.unions import choice

if TYPE_CHECKING:
    from tree_sitter import Node


def members(node: Node, evaluate: Callable[[Node, dict[str, Json]], Constant]) -> dict[str, Json]:
    """The members whose values are known, in order; `evaluate` sees those before.

    A member without a value is one more than the number before it.
    """
    found: dict[str, Json] = {}
    following: int | None = 0
    for part in named(node.child_by_field_name("body")):
        assigned = part.type == "enum_assignment"
        name_node = part.child_by_field_name("name") if assigned else part
        name = None if name_node is None else key_of(name_node)
        value: Constant = following
        value_node = part.child_by_field_name("value")
        if assigned and value_node is not None:
            value = evaluate(value_node, found)
        counted = isinstance(value, int) and not isinstance(value, bool)
        following = value + 1 if isinstance(value, int) and counted else None
        if name is not None and (counted or isinstance(value, str)):
            assert isinstance(value, int | str)
            found[name] = value
    return found


def enum_type(values: dict[str, Json]) -> Typ:
    """The choice of the values; Unknown when none is known."""
    if not values:
        return Unknown()
    labels = tuple((str(value), name) for name, value in values.items() if isinstance(value, int))
    return choice(list(values.values()), labels)

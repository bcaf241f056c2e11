"""Where a type stands, and what the rooms that read types ask of each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from windmill_lite.core.signature.types import Typ

if TYPE_CHECKING:
    from tree_sitter import Node

_NOTHING: Mapping[str, Typ] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Place:
    """How deep in brackets, which declarations are being read around it, and what the type
    parameters there stand for.
    """

    depth: int = 0
    names: tuple[str, ...] = ()
    bound: Mapping[str, Typ] = field(default_factory=lambda: _NOTHING)

    def inside(self, name: str, bound: Mapping[str, Typ]) -> Place:
        """The place of what a declaration says."""
        return replace(self, names=(*self.names, name), bound=bound)


class Reader(Protocol):
    fields_left: int  # how many more fields the parameter at hand may have

    def read(self, node: Node | None, place: Place) -> Typ:
        """The type that a node stands for; anything when there is none."""

"""Finds the route of a request: a tree of segments, walked once, with no pattern tried in vain.

Paths are taken as sent: segments are split first and percent-decoded after, so an encoded slash
never makes a new segment. Below a node an exact segment wins over a parameter, that over a tail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from windmill_lite.api.route import RouteDef
from windmill_lite.base.errors import Bug, Invalid, NotFound


@dataclass(slots=True)
class _Node:
    exact: dict[str, _Node] = field(default_factory=dict)
    param: _Node | None = None
    routes: dict[str, RouteDef] = field(default_factory=dict)  # by method, when a path ends here
    tails: dict[str, RouteDef] = field(default_factory=dict)  # by method, for any rest


@dataclass(frozen=True, slots=True)
class Found:
    """The routes of one path by method, and the decoded values of its parameters in order."""

    routes: dict[str, RouteDef]
    values: tuple[str, ...]


class Router:
    """Built once from the table; two routes for the same method and path are a bug."""

    def __init__(self, routes: Iterable[RouteDef]) -> None:
        self.table = tuple(routes)
        self._root = _Node()
        self._names: dict[str, tuple[str, ...]] = {}
        for route in self.table:
            self._add(route)

    def _add(self, route: RouteDef) -> None:
        node = self._root
        names: list[str] = []
        slot = None
        for segment in route.path.split("/")[1:]:
            if slot is not None:
                raise Bug(f"{route.path}: nothing may follow a tail")
            if segment.endswith("...}"):
                names.append(segment[1:-4])
                slot = node.tails
            elif segment.startswith("{"):
                names.append(segment[1:-1])
                node.param = node.param or _Node()
                node = node.param
            else:
                node = node.exact.setdefault(segment, _Node())
        slot = node.routes if slot is None else slot
        if route.method in slot:
            raise Bug(f"two routes answer {route.method} {route.path}")
        slot[route.method] = route
        self._names[route.path] = tuple(names)

    def names(self, route: RouteDef) -> tuple[str, ...]:
        """The names of the route's path parameters, in order."""
        return self._names[route.path]

    def find(self, raw_path: str) -> Found:
        """Fails: `NotFound`; `Invalid` when a segment is not UTF-8 or holds a NUL."""
        segments = raw_path.split("/")[1:]
        node = self._root
        values: list[str] = []
        tail: tuple[_Node, int, int] | None = None  # the deepest node with tails, and where it was
        for index, segment in enumerate(segments):
            if node.tails:
                tail = (node, index, len(values))
            child = node.exact.get(segment)
            if child is None and node.param is not None and segment:
                child = node.param
                values.append(segment)
            if child is None:
                break
            node = child
        else:
            if node.routes:
                return Found(node.routes, tuple(_decode(value) for value in values))
        if tail is not None:
            found, index, count = tail
            rest = "/".join(segments[index:]).removeprefix("/")
            if rest:
                return Found(
                    found.tails, tuple(_decode(value) for value in [*values[:count], rest])
                )
        raise NotFound("there is nothing at this address")


def _decode(text: str) -> str:
    if "%" in text:
        try:
            text = unquote(text, errors="strict")
        except UnicodeDecodeError:
            raise Invalid("the address is not valid UTF-8", field="path") from None
    if "\0" in text:
        raise Invalid("the address holds a NUL character", field="path")
    return text

"""What an expression sees, and how it fails.

A name is either *whole* (`previous_result`, `error`: read at once) or *membered* (`results`,
`flow_input`, `flow_env`: read key by key, so that a large object does not travel for one field).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from windmill_lite.base.codec import Json, dumps

#: Names that are read key by key. A key that `results` does not have is null, and no error.
MEMBERED: Final = frozenset({"results", "flow_input", "flow_env"})

Function = Literal["variable", "resource"]


@dataclass(frozen=True, slots=True)
class Failed:
    """How an expression failed; a place from 1 in its source, None when there is none to name."""

    name: str
    message: str
    line: int | None = None
    column: int | None = None

    def told(self, *, field: str, source: str) -> str:
        """One line for the error of a step: the place, the words, the expression."""
        where = f" at line {self.line}, column {self.column}" if self.line is not None else ""
        shown = " ".join(source.split())
        shown = shown if len(shown) <= 200 else f"{shown[:199]}…"
        return f"{field}: {self.name}: {self.message}{where} of `{shown}`"


class Names(Protocol):
    """Where the values come from; all texts are JSON. What it raises is no failure of the
    expression and reaches whoever asked for the evaluation.
    """

    @property
    def scope(self) -> frozenset[str]:
        """The names there are; others are a ReferenceError."""
        ...

    async def whole(self, name: str) -> str: ...

    async def member(self, name: str, key: str) -> str | None:
        """None: there is no such key."""
        ...

    async def keys(self, name: str) -> Sequence[str]: ...

    async def call(self, function: Function, path: str) -> str | Failed:
        """`variable(path)` or `resource(path)`; a failure can be caught by the expression."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """Names whose values are all at hand."""

    values: Mapping[str, Json]
    variables: Mapping[str, Json] = field(default_factory=dict)
    resources: Mapping[str, Json] = field(default_factory=dict)

    @property
    def scope(self) -> frozenset[str]:
        return frozenset(self.values)

    async def whole(self, name: str) -> str:
        return dumps(self.values[name])

    async def member(self, name: str, key: str) -> str | None:
        members = self.values[name]
        return dumps(members[key]) if key in members else None

    async def keys(self, name: str) -> Sequence[str]:
        return list(self.values[name])

    async def call(self, function: Function, path: str) -> str | Failed:
        known = self.variables if function == "variable" else self.resources
        if path not in known:
            return Failed("NotFound", f"there is no {function} {path}")
        return dumps(known[path])

"""What has been read for one expression so far, as the evaluator wants it."""

from __future__ import annotations

from collections.abc import Iterable

from windmill_lite.base.codec import Json
from windmill_lite.expr.names import Failed, Names
from windmill_lite.expr.reads import Read
from windmill_lite.model import limits

#: Rounds after which all members of a name come at once.
_PATIENCE_ROUNDS = 3


class TooMuch(Exception):  # noqa: N818 - it tells what happened
    """More than one expression may read."""


class Given:
    """Grows from round to round."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._wholes: dict[str, str] = {}
        self._members: dict[str, dict[str, str | None]] = {}
        self._keys: dict[str, list[str]] = {}
        self._calls: dict[str, dict[str, Json]] = {}
        self._bytes = 0
        self._rounds = 0

    def fields(self) -> dict[str, Json]:
        return {
            "scope": sorted(self._names.scope),
            "wholes": self._wholes,
            "members": self._members,
            "keys": self._keys,
            "calls": self._calls,
        }

    async def add(self, reads: Iterable[Read]) -> None:
        """Fails: `TooMuch`, and whatever the names fail with."""
        self._rounds += 1
        for read in sorted(reads, key=lambda r: (r.kind, r.name, r.key)):
            if read.kind == "member" and self._rounds > _PATIENCE_ROUNDS:
                await self._add_all(read.name)
            await self._add(read)

    async def _add_all(self, name: str) -> None:
        if name not in self._keys:
            self._keys[name] = list(await self._names.keys(name))
            for key in self._keys[name]:
                await self._add(Read("member", name, key))

    async def _add(self, read: Read) -> None:
        names, name = self._names, read.name
        match read.kind:
            case "whole":
                self._wholes[name] = await names.whole(name)
                self._weigh(self._wholes[name])
            case "member":
                members = self._members.setdefault(name, {})
                if read.key not in members:
                    members[read.key] = await names.member(name, read.key)
                    self._weigh(members[read.key])
            case "keys":
                self._keys[name] = list(await names.keys(name))
            case "variable" | "resource" as function:
                told = await names.call(function, name)
                answer = {"error": told.message} if isinstance(told, Failed) else {"value": told}
                self._calls.setdefault(function, {})[name] = answer
                self._weigh(answer.get("value"))

    def _weigh(self, text: str | None) -> None:
        self._bytes += len(text or "")
        if self._bytes > limits.EXPRESSION_REQUEST_BYTES_MAX:
            raise TooMuch

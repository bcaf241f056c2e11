"""One object of the document while it is read: each question names the place where it fails.

An explicit null is the same as an absent field, as Windmill's own clients write both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Invalid


def refuse(at: str, words: str) -> Invalid:
    """`modules[0].id: duplicate id "a"`."""
    return Invalid(f"{at}: {words}", field=at)


@dataclass(frozen=True, slots=True)
class Node:
    raw: Mapping[str, Json]
    at: str

    def place(self, key: str) -> str:
        return f"{self.at}.{key}" if self.at else key

    def wrong(self, key: str, words: str) -> Invalid:
        return refuse(self.place(key), words)

    def has(self, key: str) -> bool:
        return self.raw.get(key) is not None

    def text(self, key: str) -> str | None:
        value = self.raw.get(key)
        if value is not None and not isinstance(value, str):
            raise self.wrong(key, f"must be a text, not {word_of(value)}")
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        value = self.raw.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(key, f"must be true or false, not {word_of(value)}")
        return default if value is None else value

    def whole(self, key: str, *, least: int = 0, most: int = 2**31 - 1) -> int | None:
        value = self.raw.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, f"must be a whole number, not {word_of(value)}")
        if not least <= value <= most:
            raise self.wrong(key, f"must lie between {least} and {most}")
        return value

    def node(self, key: str) -> Node | None:
        value = self.raw.get(key)
        if value is not None and not isinstance(value, dict):
            raise self.wrong(key, f"must be an object, not {word_of(value)}")
        return None if value is None else Node(value, self.place(key))

    def array(self, key: str) -> list[Json]:
        """Absent: empty."""
        value = self.raw.get(key)
        if value is not None and not isinstance(value, list):
            raise self.wrong(key, f"must be an array, not {word_of(value)}")
        return value or []

    def nodes(self, key: str) -> list[Node]:
        return [self._element(key, i, value) for i, value in enumerate(self.array(key))]

    def _element(self, key: str, index: int, value: Json) -> Node:
        at = f"{self.place(key)}[{index}]"
        if not isinstance(value, dict):
            raise refuse(at, f"must be an object, not {word_of(value)}")
        return Node(value, at)

    def required(self, key: str) -> Json:
        value = self.raw.get(key)
        if value is None:
            raise self.wrong(key, "is missing")
        return value


def word_of(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "an array"
    return "an object"

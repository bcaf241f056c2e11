"""Expressions that need no engine: a literal, or a path such as `results.a.b[0]?.c["d e"]`.

They mean what the engine would make of them. Where that is not plain (a property that an object
inherits, an index into a text with characters of two units, anything that would be an error) the
answer is `UNSURE`, and the engine decides. One thing is better here: a value that is only passed on
keeps its numbers as they were written, while the engine knows none above 2^53.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from windmill_lite.base.codec import Json

_ROOT: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_STEP: Final = re.compile(
    r"""\s*(?:
      (?P<dot>\?\.|\.)\s*(?P<name>[A-Za-z_$][A-Za-z0-9_$]*)
    | (?P<maybe>\?\.)?\s*\[\s*(?:
          (?P<index>0|[1-9][0-9]{0,14})
        | "(?P<double>[^"\\\n\r\u2028\u2029]*)"
        | '(?P<single>[^'\\\n\r\u2028\u2029]*)'
      )\s*\]
    )""",
    re.VERBOSE,
)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,10})?\Z")
_TEXT: Final = re.compile(r"""(?:"[^"\\\n\r]*"|'[^'\\\n\r]*')\Z""")
_WORDS: Final = {"true": True, "false": False, "null": None, "undefined": None}
#: Words that are no names; `this.x` and the like are the engine's.
_NOT_NAMES: Final = frozenset({"this", "new", "super", "import", "async", "await", "function"})
#: What every object inherits.
INHERITED: Final = frozenset(
    {
        *("__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__"),
        *("__proto__", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable"),
        *("toLocaleString", "toString", "valueOf"),
    }
)
_BLANK: Final = " \t\n\r"


class Special(Enum):
    UNSURE = "unsure"
    UNDEFINED = "undefined"


UNSURE: Final = Special.UNSURE
UNDEFINED: Final = Special.UNDEFINED


@dataclass(frozen=True, slots=True)
class Literal:
    value: Json


@dataclass(frozen=True, slots=True)
class Step:
    key: str | int
    optional: bool  # `?.`


@dataclass(frozen=True, slots=True)
class Path:
    root: str
    steps: tuple[Step, ...]


def parse(source: str) -> Path | Literal | None:
    """None: this is for the engine."""
    text = source.strip(_BLANK)
    if text in _WORDS:
        return Literal(_WORDS[text])
    if _NUMBER.match(text):
        return Literal(_number(text))
    if _TEXT.match(text):
        return Literal(text[1:-1])
    found = _ROOT.match(text)
    if found is None or found[0] in _NOT_NAMES:
        return None
    at, steps = found.end(), []
    while at < len(text):
        step = _STEP.match(text, at)
        if step is None:
            return None
        steps.append(_step(step))
        at = step.end()
    return Path(found[0], tuple(steps))


def _number(text: str) -> Json:
    """As the engine writes it: `1.50` is 1.5 and `2.0` is 2."""
    value = float(text)
    if value == 0:
        return 0
    return int(value) if value.is_integer() else value


def _step(found: re.Match[str]) -> Step:
    optional = found["dot"] == "?." or found["maybe"] is not None
    if found["index"] is not None:
        return Step(int(found["index"]), optional)
    key = next(k for k in (found["name"], found["double"], found["single"]) if k is not None)
    return Step(key, optional)


def follow(value: Json | Special, steps: tuple[Step, ...]) -> Json | Special:
    """Where the steps lead from a value. `UNDEFINED` becomes null where it leaves."""
    for step in steps:
        if value is None or value is UNDEFINED:
            return UNDEFINED if step.optional else UNSURE
        value = _property(value, step.key)
        if value is UNSURE:
            return UNSURE
    return value


def _property(value: Json, key: str | int) -> Json | Special:
    match value:
        case dict():
            name = str(key)
            if name in value:
                return value[name]
            return UNSURE if name in INHERITED else UNDEFINED
        case list():
            return _element(value, key)
        case str():
            return _of_text(value, key)
    return UNSURE


def _element(value: list[Json], key: str | int) -> Json | Special:
    if key == "length":
        return len(value)
    index = _index(key)
    if index is None:
        return UNSURE
    return value[index] if index < len(value) else UNDEFINED


def _of_text(value: str, key: str | int) -> Json | Special:
    """The engine counts units of UTF-16; a character above U+FFFF is two."""
    if key == "length":
        return len(value) + sum(character > "\uffff" for character in value)
    index = _index(key)
    if index is None or (not value.isascii() and max(value) > "\uffff"):
        return UNSURE
    return value[index] if index < len(value) else UNDEFINED


def _index(key: str | int) -> int | None:
    if isinstance(key, int):
        return key
    return int(key) if re.fullmatch(r"0|[1-9][0-9]{0,8}", key, re.ASCII) else None


def truth(value: Json | Special) -> bool:
    """As in the engine: empty texts and zero are false, empty arrays and objects are true."""
    if value is UNDEFINED or value is None or value is False:
        return False
    return value not in ("", 0) if isinstance(value, str | int | float) else True


def leaving(value: Json | Special) -> Json:
    """What a value is as JSON."""
    assert value is not UNSURE, "what is unsure is for the engine"
    return None if value is UNDEFINED else value


def loaded(text: str) -> Json:
    """JSON that we wrote."""
    return json.loads(text)

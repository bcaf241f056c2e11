"""What a PHP text says as it stands: strings, numbers, arrays, cases of its enums."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from windmill_lite.core.signature.bounds import (
    CONSTANT_DEPTH_MAX,
    CONSTANT_ITEMS_MAX,
    INTEGER_BITS_MAX,
)
from windmill_lite.core.signature.model import SourceError
from windmill_lite.core.signature.php.lexer import Kind, Token
from windmill_lite.core.signature.prose import storable
from windmill_lite.core.signature.source import error_at
from windmill_lite.core.signature.types import Json

Enums: TypeAlias = Mapping[str, Mapping[str, Json]]  # name -> case -> its value

UNKNOWN: Final = object()
_WORDS: Final[Mapping[str, Json]] = {"true": True, "false": False, "null": None}
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "v": "\v", "e": "\x1b", "f": "\f"}
_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_END: Final = Token("sign", "", 0)


class Cursor:
    """Goes over tokens; beyond the last one there are empty signs."""

    def __init__(self, source: str, found: Sequence[Token]) -> None:
        self._source = source
        self._found = found
        self._at = 0
        self.items = 0  # of all arrays that were read

    @property
    def _here(self) -> Token:
        return self._found[self._at] if self._at < len(self._found) else _END

    @property
    def kind(self) -> Kind:
        return self._here.kind

    @property
    def text(self) -> str:
        return self._here.text

    @property
    def after(self) -> Token:
        return self._found[self._at + 1] if self._at + 1 < len(self._found) else _END

    def next(self) -> Token:
        token = self._here
        self._at += 1
        return token

    def take(self, text: str) -> bool:
        taken = self.text == text
        self._at += taken
        return taken

    def skip_brackets(self) -> None:
        """From a bracket that opens to behind the one that closes it."""
        depth = 0
        while self.text:
            token = self.next().text
            depth += (token in _CLOSING) - (token in _CLOSING.values())
            if depth <= 0:
                return

    def skip_expression(self) -> None:
        """To the comma or the bracket that ends it."""
        while self.text and self.text not in (",", *_CLOSING.values()):
            if self.text in _CLOSING:
                self.skip_brackets()
            else:
                self.next()

    def error(self, reason: str) -> SourceError:
        at = self._here.at if self._at < len(self._found) else len(self._source)
        return error_at(self._source, at, reason)


def enums(found: Sequence[Token]) -> Enums:
    """Those of the text, `enum Color: string { case Red = 'red'; }`; without values their names."""
    made: dict[str, dict[str, Json]] = {}
    current: dict[str, Json] = {}
    for at, token in enumerate(found[:-2]):
        word, name, follows = token.text.lower(), found[at + 1].text, found[at + 2].text
        if word == "enum" and follows in (":", "{", "implements"):
            current = made.setdefault(name, {})
        elif word in ("class", "function"):  # whose cases are those of a switch
            current = {}
        elif word == "case":
            value = _scalar(found[at + 3]) if follows == "=" and at + 3 < len(found) else name
            current[name] = name if value is UNKNOWN else value  # type: ignore[assignment]
    return {name: cases for name, cases in made.items() if cases}


def constant(cursor: Cursor, known: Enums, depth: int = 0) -> object:
    """The value of the expression here, which is passed; UNKNOWN for more than a constant."""
    begin = cursor.next()
    value: object = UNKNOWN
    opening = begin.text
    if opening.lower() == "array" and cursor.text == "(":
        opening = cursor.next().text
        begin = Token("sign", "[", begin.at)
    if begin.text == "[" and depth < CONSTANT_DEPTH_MAX:
        value = _array(cursor, known, _CLOSING[opening], depth)
    elif begin.text in ("-", "+") and cursor.kind == "number":
        number = _scalar(cursor.next())
        value = -number if isinstance(number, int | float) and begin.text == "-" else number
    elif begin.kind == "name" and cursor.text == "::":
        cursor.next()
        cases = known.get(begin.text.rpartition("\\")[2], {})
        value = cases.get(cursor.next().text, UNKNOWN)
    else:
        value = _scalar(begin)
    if cursor.text not in (",", "=>", *_CLOSING.values()):
        cursor.skip_expression()
        return UNKNOWN
    return value


def _array(cursor: Cursor, known: Enums, closing: str, depth: int) -> object:
    keyed: dict[str, Json] = {}
    listed: list[Json] = []
    whole = True
    while not cursor.take(closing):
        cursor.items += 1
        value = constant(cursor, known, depth + 1)
        key: object = None
        if cursor.take("=>"):
            key, value = value, constant(cursor, known, depth + 1)
        if value is UNKNOWN or key is UNKNOWN or cursor.items > CONSTANT_ITEMS_MAX:
            whole = False
        elif key is None:
            listed.append(value)  # type: ignore[arg-type]
        else:
            keyed[str(key)] = value  # type: ignore[assignment]
        if not cursor.take(",") and cursor.text != closing:
            raise cursor.error(f"a comma or {closing} is expected here")
    if not whole or (keyed and listed):
        return UNKNOWN
    return keyed or listed


def _scalar(token: Token) -> object:
    if token.kind == "string":
        return _string(token.text)
    if token.kind == "name":
        return _WORDS.get(token.text.lower(), UNKNOWN)
    return _number(token.text.replace("_", "")) if token.kind == "number" else UNKNOWN


def _string(text: str) -> object:
    quote, inner = text[0], text[1:-1]
    if quote not in "'\"" or (quote == '"' and re.search(r"(?<!\\)\$[\w{]|\{\$|\\[xu0-7]", inner)):
        return UNKNOWN  # a heredoc, or one that PHP fills in
    if quote == "'":
        value = re.sub(r"\\([\\'])", r"\1", inner)
    else:
        value = re.sub(r"\\([ntrvef\\$\"])", lambda it: _ESCAPES.get(it[1], it[1]), inner)
    return value if storable(value) else UNKNOWN


def _number(text: str) -> object:
    try:
        if re.fullmatch(r"0[xXbBoO].+|0|[1-9]\d*", text):
            value = int(text, 0)
            return value if value.bit_length() <= INTEGER_BITS_MAX else UNKNOWN
        return int(text, 8) if re.fullmatch(r"0[0-7]+", text) else float(text)
    except ValueError:
        return UNKNOWN

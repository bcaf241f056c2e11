"""The parameters of a PHP `main`, its own types and what its doc comment says of them.

    /** @param string[] $tags  what it is about */
    function main(string $title, ?int $n = 3, array $tags = [], DateTime|null $at = null)

A class that PHP does not have is the name of a resource type, as in Windmill; an enum of the text
is a choice. An array is a list, unless its default or its comment has keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from windmill_lite.core.signature.bounds import PARAMETERS_MAX, SOURCE_CHARS_MAX, TYPE_DEPTH_MAX
from windmill_lite.core.signature.model import Arg, Signature
from windmill_lite.core.signature.names import snake_case
from windmill_lite.core.signature.php.constants import UNKNOWN, Cursor, Enums, constant, enums
from windmill_lite.core.signature.php.lexer import Token, tokens
from windmill_lite.core.signature.prose import plain_text
from windmill_lite.core.signature.source import readable
from windmill_lite.core.signature.types import (
    Bool,
    Float,
    Int,
    Json,
    List,
    Map,
    Nullable,
    Object,
    Resource,
    Str,
    Typ,
    Unknown,
)
from windmill_lite.core.signature.unions import choice, union

_WORDS: tuple[tuple[Typ, str], ...] = (
    *((Str(), "string"), (Int(), "int integer"), (Float(), "float double")),
    *((Bool(), "bool boolean true false"), (List(None), "array iterable")),
    *((Unknown(), "mixed callable"), (Object(), "object stdclass"), (Nullable(Unknown()), "null")),
    (Str("date-time"), "datetime datetimeimmutable datetimeinterface"),
)
_TYPES: Mapping[str, Typ] = MappingProxyType(
    {word: typ for typ, words in _WORDS for word in words.split()}
)
_PARAMETER = re.compile(
    r"@param[ \t]+(?:([^\s$]+(?:[ \t]*,[ \t]*[^\s$]+)*)[ \t]+)?(?:\.\.\.)?\$(\w+)(.*)"
)
_GENERIC = re.compile(
    r"(?:array|iterable|list)<(?:(?P<key>[\w-]+)\s*,\s*)?(?P<of>.+)>", re.IGNORECASE
)


def read_php(code: str, entrypoint: str) -> Signature:
    """The signature of the function `entrypoint`; a nullable parameter may be left out.

    Fails with SourceError when its parameters cannot be read.
    """
    text = readable(code, chars_max=SOURCE_CHARS_MAX)
    found = list(tokens(text))
    at = _function(found, entrypoint)
    if at is None:
        return Signature(no_main_func=True)
    return _Reader(text, found, at).signature()


def _function(found: Sequence[Token], name: str) -> int | None:
    """The place of the bracket that opens its parameters; methods are no functions."""
    depth, spaces = 0, 0
    for at, token in enumerate(found):
        words = [each.text.lower() for each in found[at : at + 3]]
        if words == ["function", name.lower(), "("] and depth <= spaces:
            return at + 2
        if words[0] == "namespace" and words[-1] == "{":
            spaces = 1
        depth += (token.text == "{") - (token.text == "}")
    return None


class _Reader:
    """Of the parameters that begin at a bracket."""

    def __init__(self, text: str, found: Sequence[Token], at: int) -> None:
        self._text = text
        self._enums: Enums = enums(found)
        self._said = _doc_before(found, at - 2)
        self._cursor = Cursor(text, [each for each in found[at + 1 :] if each.kind != "doc"])

    def signature(self) -> Signature:
        args: dict[str, Arg] = {}
        variadic = False
        while not self._cursor.take(")"):
            arg, rest = self._parameter()
            variadic = variadic or rest
            if arg.name in args:
                raise self._cursor.error(f"two parameters are named {arg.name}")
            if len(args) >= PARAMETERS_MAX:
                raise self._cursor.error(f"main has more than {PARAMETERS_MAX:,} parameters")
            args[arg.name] = arg
            if not self._cursor.take(",") and self._cursor.text != ")":
                raise self._cursor.error("a comma or ) is expected here")
        lines = [plain_text(line) for line in self._said if not line.startswith("@")]
        return Signature(tuple(args.values()), variadic, summary=" ".join(lines[:1]))

    def _parameter(self) -> tuple[Arg, bool]:
        cursor = self._cursor
        while cursor.take("#"):  # an attribute: #[SensitiveParameter]
            cursor.skip_brackets()
        typ = self._type(0) if cursor.kind == "name" or cursor.text in ("?", "(") else Unknown()
        cursor.take("&")
        rest = cursor.take("...")
        if cursor.kind != "variable":
            raise cursor.error("the name of a parameter is expected here")
        name = cursor.next().text[1:]
        default, given = self._default()
        described, description = self._told(name)
        typ = _shaped(typ, described, default)
        if isinstance(typ, Map) and default == []:
            default = {}
        if rest:
            typ, given = List(typ), True
        optional = given or isinstance(typ, Nullable)
        return Arg(name, typ, default, has_default=optional, description=description), rest

    def _default(self) -> tuple[Json, bool]:
        """Null where it is no constant: PHP has it then."""
        if not self._cursor.take("="):
            return None, False
        value = constant(self._cursor, self._enums)
        return (None if value is UNKNOWN else value), True  # type: ignore[return-value]

    def _type(self, depth: int) -> Typ:
        cursor = self._cursor
        if depth > TYPE_DEPTH_MAX:
            raise cursor.error("the type is nested too deeply")
        options: list[Typ] = [Nullable(Unknown())] if cursor.take("?") else []
        while True:
            if cursor.take("("):
                options.append(self._type(depth + 1))
                cursor.take(")")
            elif cursor.kind == "name":
                options.append(self._named(cursor.next().text))
            else:
                raise cursor.error("a type is expected here")
            follows = cursor.after.text if cursor.text == "&" else ""
            if cursor.take("|") or (follows[:1] not in ("$", ".", "&") and cursor.take("&")):
                continue
            return union(options) if len(options) > 1 else options[0]

    def _named(self, name: str) -> Typ:
        bare = name.rpartition("\\")[2]
        if bare in self._enums:
            return choice(list(self._enums[bare].values()))
        return _TYPES.get(bare.lower()) or Resource(snake_case(bare))

    def _told(self, name: str) -> tuple[Typ | None, str]:
        """What the doc comment says of a parameter: the type of its items, and words."""
        for line in self._said:
            found = _PARAMETER.match(line)
            if found is not None and found[2] == name:
                return self._written(found[1] or "", 0), plain_text(found[3].strip(" \t-"))
        return None, ""

    def _written(self, text: str, depth: int) -> Typ | None:
        """A type as comments have it; None where it says nothing about items."""
        generic = _GENERIC.fullmatch(text)
        if depth > TYPE_DEPTH_MAX:
            return None
        of = text.removesuffix("[]") if text.endswith("[]") else generic["of"] if generic else ""
        if not of:
            return None
        item = self._written(of, depth + 1)
        if item is None:
            item = self._named(of) if re.fullmatch(r"[\w\\]+", of) else Unknown()
        keyed = generic is not None and (generic["key"] or "").lower() in ("string", "array-key")
        return Map(item) if keyed else List(item)


def _shaped(typ: Typ, described: Typ | None, default: Json) -> Typ:
    """An array as its comment or its default says."""
    if isinstance(typ, Nullable):
        return Nullable(_shaped(typ.of, described, default))
    if typ in (List(None), Unknown()) and described is not None:
        return described
    return Object() if typ == List(None) and isinstance(default, dict) else typ


def _doc_before(found: Sequence[Token], at: int) -> list[str]:
    """The lines of the comment /** */ right before a token."""
    comment = found[at - 1] if at > 0 else None
    if comment is None or not comment.text.startswith("/**"):
        return []
    lines = comment.text[3:].removesuffix("*/").split("\n")
    stripped = [line.strip().removeprefix("*").strip() for line in lines]
    return [line for line in stripped if line]

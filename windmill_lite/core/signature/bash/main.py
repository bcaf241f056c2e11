"""The parameters of a Bash script: assignments of `$1`, `$2`... at the left margin.

    name="$1"                # whom to greet
    greeting="${2:-Hello}"

The number is the place, the name is the argument's, what stands after `:-` is the default, and a
comment on the same line says what it is. Everything is text. A default that bash would have to
expand (`${2:-$HOME}`) is left to bash: the argument may be left out, and no default is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from windmill_lite.core.signature.bash.lines import Line, statements
from windmill_lite.core.signature.bounds import CONSTANT_CHARS_MAX, PARAMETERS_MAX, SOURCE_CHARS_MAX
from windmill_lite.core.signature.model import Arg, Signature
from windmill_lite.core.signature.prose import plain_text, storable
from windmill_lite.core.signature.source import error_at, readable
from windmill_lite.core.signature.types import Str

_DECLARED = re.compile(r"(?:readonly|export|declare|typeset)(?:[ \t]+-\w+)*[ \t]+")
_NAME = re.compile(r"([A-Za-z_]\w*)=", re.ASCII)
# The whole value is the parameter, perhaps with a default: `$1`, `"$1"`, `"${1:-a b}"`, `${1-x}`.
_PLAIN = re.compile(r"\$(?P<digit>[1-9])(?![0-9])|\$\{(?P<number>[1-9][0-9]{0,3})\}")
_BRACED = re.compile(r"\$\{(?P<number>[1-9][0-9]{0,3}):?(?P<how>[-?])")
_MEANT = re.compile(r"\$\{([1-9][0-9]{0,3}):?-([^\n$`\"]*)\}\"(?=[ \t]*(?:#|$))")
_PIECE = re.compile(r"\\(?P<escaped>.)|(?P<text>[^\\$`\"'{}]+)|(?P<other>.)", re.DOTALL)
_ENDS = re.compile(r"[ \t]*(?:$|;|&|\||\)|#)")
_ANOTHER = re.compile(r"[ \t]+(?=[A-Za-z_]\w*=)", re.ASCII)
_NEXT = re.compile(r"[ \t]*;[ \t]*")
_ESCAPED_IN_QUOTES = '"\\$`}'
_COMMENT = re.compile(r"[ \t;]+#[ \t]*(.*)")


@dataclass(frozen=True, slots=True)
class _Parameter:
    number: int
    name: str
    default: str | None
    has_default: bool
    description: str
    at: int


@dataclass(frozen=True, slots=True)
class _Value:
    """The right side of an assignment that is a parameter, and where it ends."""

    number: int
    end: int
    default: str | None = None
    has_default: bool = False


def read_bash(code: str) -> Signature:
    """The signature of a script; there is no entry point but the script.

    A place that is named twice has the later name; what comes after a place without a name cannot
    be given. Fails with SourceError when the text is too long or no text.
    """
    text = readable(code, chars_max=SOURCE_CHARS_MAX)
    found = _named_places(text)
    args: dict[str, Arg] = {}
    number = 1
    while number in found:
        parameter = found[number]
        if number > PARAMETERS_MAX:
            raise error_at(text, parameter.at, f"at most {PARAMETERS_MAX:,} parameters are read")
        if parameter.name in args:
            reason = f"two parameters are named {parameter.name}"
            raise error_at(text, parameter.at, reason)
        args[parameter.name] = Arg(
            parameter.name,
            Str(),
            default=parameter.default,
            has_default=parameter.has_default,
            description=parameter.description,
        )
        number += 1
    return Signature(args=tuple(args.values()))


def places(code: str) -> dict[int, str]:
    """The name of each place that a script gives one to, also after a gap; of any text."""
    return {number: parameter.name for number, parameter in _named_places(code).items()}


def _named_places(text: str) -> dict[int, _Parameter]:
    found: dict[int, _Parameter] = {}
    for line in statements(text.replace("\r\n", "\n")):
        for parameter in _parameters(line):
            found[parameter.number] = parameter
    return found


def _parameters(line: Line) -> Iterator[_Parameter]:
    """The parameters that a line gives names to: `a="$1"`, `export a="$1" b="$2"; c="$3"`."""
    text = line.text
    declared = _DECLARED.match(text)
    at = declared.end() if declared else 0
    named: list[_Parameter] = []
    while (name := _NAME.match(text, at)) is not None:
        value = _value(text, name.end())
        if value is None:
            break
        said = _COMMENT.match(text, value.end)
        named.append(
            _Parameter(
                value.number,
                name[1],
                value.default,
                value.has_default,
                plain_text(said[1]) if said else "",
                line.at + at,
            )
        )
        another = _ANOTHER.match(text, value.end) or _NEXT.match(text, value.end)
        if another is None:
            # `a="$1" command` sets it for that command alone.
            if not _ENDS.match(text, value.end):
                named.pop()
            break
        at = another.end()
    yield from named


def _value(text: str, at: int) -> _Value | None:
    quoted = text.startswith('"', at)
    begin = at + quoted
    plain = _PLAIN.match(text, begin)
    if plain is not None:
        value: _Value | None = _Value(int(plain["digit"] or plain["number"]), plain.end())
    else:
        value = _with_default(text, begin, quoted=quoted)
    if value is None or not quoted:
        return value
    if text.startswith('"', value.end):
        return replace(value, end=value.end + 1)
    # `"${1:-{}}"` is `{` and a brace to bash, and `{}` to whoever wrote it.
    meant = _MEANT.match(text, begin)
    if meant is None or not storable(meant[2]):
        return None
    return _Value(int(meant[1]), meant.end(), meant[2], has_default=True)


def _with_default(text: str, at: int, *, quoted: bool) -> _Value | None:
    """`${1:-text}` up to its brace; `${1:?text}` must be given and has no default."""
    braced = _BRACED.match(text, at)
    if braced is None:
        return None
    pieces: list[str] = []
    constant = True
    depth = 0  # of `${` in the default
    for piece in _PIECE.finditer(text, braced.end(), braced.end() + CONSTANT_CHARS_MAX):
        other = piece["other"]
        if other == "{" and pieces and pieces[-1] == "$":
            depth += 1
        elif other == "}" and depth:
            depth -= 1
        elif other == "}":
            default = "".join(pieces)
            given = braced["how"] == "-"
            known = given and constant and storable(default)
            return _Value(int(braced["number"]), piece.end(), default if known else None, given)
        constant = constant and other not in {"$", "`"}
        pieces.append(_bare(piece, quoted=quoted))
    return None


def _bare(piece: re.Match[str], *, quoted: bool) -> str:
    """A piece of a default without its quotes; inside quotes a backslash escapes less."""
    escaped = piece["escaped"]
    if escaped is not None:
        return escaped if not quoted or escaped in _ESCAPED_IN_QUOTES else piece[0]
    return "" if piece[0] == '"' or (piece[0] == "'" and not quoted) else piece[0]

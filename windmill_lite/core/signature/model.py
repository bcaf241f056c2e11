"""The signature of a script: what its `main` takes, and how reading it can fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from windmill_lite.base.errors import Invalid
from windmill_lite.core.signature.types import Json, Typ

# The default of a parameter that the script computes when it runs. It travels in the schema, may
# come back as an argument, and then means: leave the argument out.
FUNCTION_CALL = "<function call>"

# Whether the caller has waited long enough; `core` has no clock, so whoever asks brings one.
Expired: TypeAlias = Callable[[], bool]

ArgKind = Literal["positional_only", "normal", "keyword_only"]


def patient() -> bool:
    """An `Expired` that never is."""
    return False


@dataclass(frozen=True, slots=True)
class Arg:
    """One parameter. `has_default` is also true for `X | None`, which may be left out (as null)."""

    name: str
    typ: Typ
    default: Json = None  # null also when the default is not a constant
    has_default: bool = False
    description: str = ""
    kind: ArgKind = "normal"


@dataclass(frozen=True, slots=True)
class Signature:
    args: tuple[Arg, ...] = ()
    star_args: bool = False
    star_kwargs: bool = False
    no_main_func: bool = False  # the entry point is not there: a library, or an override misspelt
    has_preprocessor: bool = False
    summary: str = ""  # first line of the entry point's own documentation
    description: str = ""  # the rest of it, without the part about parameters


@dataclass(frozen=True, slots=True)
class Inferred:
    signature: Signature
    schema: dict[str, Any]


class SourceError(Invalid):
    """The script cannot be read. `line` and `column` count characters from 1."""

    code = "invalid_source"

    def __init__(self, reason: str, *, line: int = 1, column: int = 1) -> None:
        super().__init__(f"line {line}, column {column}: {reason}", field="content")
        self.reason = reason
        self.line = line
        self.column = column


class UnknownLanguage(Invalid):
    """No parser for this language; the message names those there are."""

    code = "unknown_language"

"""What an expression will read, guessed from its text so that it is there at once.

A guess that is wrong costs time and nothing else: what was guessed in vain was read in vain, and
what was not guessed is asked for by the evaluator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

from windmill_lite.expr.names import MEMBERED, Function

Kind = Literal["whole", "member", "keys"] | Function
KINDS: Final = frozenset({"whole", "member", "keys", *get_args(Function)})

_QUOTED: Final = r"""(?:"([^"\\\n]*)"|'([^'\\\n]*)')"""
_NAME: Final = re.compile(
    r"(?<![\w$.])([A-Za-z_][A-Za-z0-9_]*)\b"
    rf"(?:\s*(?:\?\.|\.)\s*([A-Za-z_$][\w$]*)|\s*(?:\?\.)?\[\s*{_QUOTED}\s*\])?",
    re.ASCII,
)
_CALL: Final = re.compile(rf"\b(variable|resource)\s*\(\s*{_QUOTED}\s*\)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Read:
    kind: Kind
    name: str  # or the path of a call
    key: str = ""


def guess(source: str, scope: frozenset[str]) -> set[Read]:
    return {*_names(source, scope), *_calls(source)}


def _names(source: str, scope: frozenset[str]) -> Iterator[Read]:
    for name, plain, double, single in _NAME.findall(source):
        if name not in scope:
            continue
        if name not in MEMBERED:
            yield Read("whole", name)
        elif key := plain or double or single:
            yield Read("member", name, key)


def _calls(source: str) -> Iterator[Read]:
    for function, double, single in _CALL.findall(source):
        yield Read(function, double or single)


def asked(answer: object, scope: frozenset[str]) -> set[Read]:
    """What the evaluator asks for. It has run a stranger's code: what makes no sense is dropped."""
    found = set()
    for item in answer if isinstance(answer, list) else []:
        match item:
            case [str(kind), str(name), str(key)] if kind in KINDS:
                known = name in scope and (name in MEMBERED) == (kind != "whole")
                if known or kind in get_args(Function):
                    found.add(Read(kind, name, key))  # type: ignore[arg-type]
    return found

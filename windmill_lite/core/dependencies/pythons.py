"""Which versions of Python will do, as authors say it: `>=3.11, <4`, `3.12`, `~=3.11`."""

from __future__ import annotations

import re
from typing import Final

_CLAUSE: Final = re.compile(
    r"(?P<how>>=|<=|==|!=|~=|>|<)?\s*(?P<version>\d+(?:\.\d+)*)(?P<any>\.\*)?"
)


def fits(version: str, specifier: str) -> bool:
    """Whether a version is within a specifier, all of whose clauses must hold; one that cannot be
    read lets nothing through.
    """
    have = _numbers(re.match(r"[\d.]*\d", version))
    return all(_holds(have, clause) for clause in filter(str.strip, specifier.split(",")))


def _holds(have: tuple[int, ...], clause: str) -> bool:
    found = _CLAUSE.fullmatch(clause.strip())
    if found is None:
        return False
    want = tuple(map(int, found["version"].split(".")))
    how = found["how"] or "=="
    begins = have[: len(want)] == want
    if found["any"]:
        return begins if how == "==" else how == "!=" and not begins
    # Of equal length, so that 3.12 is 3.12.0.
    width = max(len(have), len(want))
    left, right = (each + (0,) * (width - len(each)) for each in (have, want))
    match how:
        case "~=":
            return left >= right and have[: len(want) - 1] == want[:-1]
        case ">=" | "<=" | ">" | "<":
            return _compares(left, how, right)
        case "!=":
            return left != right
        case _:
            return left == right or (not found["how"] and begins)


def _compares(left: tuple[int, ...], how: str, right: tuple[int, ...]) -> bool:
    if left == right:
        return "=" in how
    return (left > right) == (how[0] == ">")


def _numbers(found: re.Match[str] | None) -> tuple[int, ...]:
    return tuple(map(int, found[0].split("."))) if found else ()

"""Does a text match a stranger's pattern, in time that the pattern cannot blow up?

Python's `re` backtracks: `(a+)+$` against thirty letters runs for minutes. Here a pattern with more
than one repetition is followed through all its states at once (Thompson, 1968), a step per state
and character, under a budget. What cannot be followed so (back references, looking behind) or
within the budget is not decided.
"""

from __future__ import annotations

import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

PATTERN_CHARS_MAX = 1_000
TEXT_CHARS_MAX = 10_000
STEPS_MAX = 200_000  # 0.1 s on a slow machine
PROGRAM_MAX = 2_000
_PLAIN_TEXT_CHARS_MAX = 1_000  # one repetition costs the square of this
_REPEATING = re.compile(r"[*+?{|]|\\[1-9]|\(\?")


def matches(pattern: str, text: str) -> bool | None:
    """Whether `pattern` is found in `text`, as JSON Schema means it; None when not decided."""
    if len(pattern) > PATTERN_CHARS_MAX or len(text) > TEXT_CHARS_MAX:
        return None
    try:
        if len(_REPEATING.findall(pattern)) <= 1 and len(text) <= _PLAIN_TEXT_CHARS_MAX:
            return re.search(pattern, text) is not None
        tree = parser.parse(pattern)
        flags = tree.state.flags
        if flags & (re.MULTILINE | re.VERBOSE | re.ASCII | re.LOCALE):
            return None
        return _Machine(text).found(_compile(tree, flags))
    except (re.error, OverflowError, RecursionError, _Undecided):
        return None


class _Undecided(Exception):  # noqa: N818  # an answer, not an error
    pass


Test = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class _One:
    """Consumes one character."""

    test: Test


@dataclass(frozen=True, slots=True)
class _Goto:
    """Continues at each of the targets, which are relative."""

    targets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _At:
    """Continues when the position is what `kind` says."""

    kind: Any


@dataclass(frozen=True, slots=True)
class _Look:
    """Continues when `program` matches from here (or does not, when `negative`)."""

    program: list[_Step]
    negative: bool


_Step = _One | _Goto | _At | _Look


def _compile(tree: Iterable[Any], flags: int) -> list[_Step]:
    """A program for the nodes of a parsed pattern. Its end is a match."""
    program: list[_Step] = []
    for kind, value in tree:
        program.extend(_node(kind, value, flags))
        if len(program) > PROGRAM_MAX:
            raise _Undecided
    return program


def _node(kind: Any, value: Any, flags: int) -> list[_Step]:
    if kind in {op.MAX_REPEAT, op.MIN_REPEAT}:
        low, high, body = value
        return _repeat(_compile(body, flags), low, high)
    if kind is op.BRANCH:
        return _branch([_compile(option, flags) for option in value[1]])
    if kind is op.SUBPATTERN and not value[1] and not value[2]:
        return _compile(value[3], flags)
    if kind in {op.ASSERT, op.ASSERT_NOT} and value[0] == 1:
        return [_Look(_compile(value[1], flags), kind is op.ASSERT_NOT)]
    if kind is op.AT:
        return [_At(value)]
    if kind is op.ANY:
        dot_all = bool(flags & re.DOTALL)
        return [_One(lambda character: dot_all or character != "\n")]
    return [_One(_test(kind, value, flags))]


def _repeat(body: list[_Step], low: int, high: Any) -> list[_Step]:
    size = len(body)
    endless = high is op.MAXREPEAT
    if size * (low if endless else high) > PROGRAM_MAX:
        raise _Undecided
    if endless:
        return [*body * low, _Goto((1, size + 2)), *body, _Goto((-size - 1,))]
    optional: list[_Step] = []
    for _ in range(high - low):
        optional = [_Goto((1, size + len(optional) + 1)), *body, *optional]
    return [*body * low, *optional]


def _branch(options: list[list[_Step]]) -> list[_Step]:
    program = options[-1]
    for option in reversed(options[:-1]):
        skip = _Goto((len(program) + 1,))
        program = [_Goto((1, len(option) + 2)), *option, skip, *program]
    return program


def _test(kind: Any, value: Any, flags: int) -> Test:
    if kind is op.LITERAL:
        wanted = chr(value)
        return _folded(lambda character: character == wanted, flags)
    if kind is op.NOT_LITERAL:
        literal = _test(op.LITERAL, value, flags)
        return lambda character: not literal(character)
    if kind is op.RANGE:
        low, high = value
        return _folded(lambda character: low <= ord(character) <= high, flags)
    if kind is op.CATEGORY:
        return _category(value)
    if kind is op.IN:
        negative = value[0][0] is op.NEGATE
        tests = [_test(kind, inner, flags) for kind, inner in value[negative:]]
        return lambda character: any(test(character) for test in tests) is not negative
    raise _Undecided


def _folded(test: Test, flags: int) -> Test:
    if not flags & re.IGNORECASE:
        return test
    # A letter may become two in the other case; then it has none that a single one could match.
    return lambda character: any(
        len(each) == 1 and test(each) for each in (character, character.lower(), character.upper())
    )


def _category(name: Any) -> Test:
    tests: dict[str, Test] = {
        "DIGIT": str.isdecimal,
        "SPACE": str.isspace,
        "WORD": lambda character: character.isalnum() or character == "_",
    }
    negative = "_NOT_" in str(name)
    test = tests.get(str(name).rpartition("_")[2])
    if test is None:
        raise _Undecided
    return lambda character: test(character) is not negative


@dataclass(slots=True)
class _Machine:
    """All the places in a program where a match could stand, moved along the text together."""

    text: str
    steps: int = field(default=0)

    def found(self, program: list[_Step], start: int | None = None) -> bool:
        """Whether `program` matches anywhere, or from `start` on."""
        end, size = len(program), len(self.text)
        current: set[int] = set()
        for at in range(start or 0, size + 1):
            if start is None or at == start:
                self._enter(program, 0, at, current)
            if end in current:
                return True
            if at == size or (start is not None and not current):
                return False
            following: set[int] = set()
            for place in current:
                step = program[place]
                if isinstance(step, _One) and step.test(self.text[at]):
                    self._enter(program, place + 1, at + 1, following)
            current = following
        return False

    def _enter(self, program: list[_Step], place: int, at: int, into: set[int]) -> None:
        """Adds `place` and what it leads to without consuming a character."""
        waiting = [place]
        while waiting:
            place = waiting.pop()
            self.steps += 1
            if self.steps > STEPS_MAX:
                raise _Undecided
            if place in into:
                continue
            into.add(place)
            step = program[place] if place < len(program) else None
            match step:
                case _Goto(targets):
                    waiting.extend(place + target for target in targets)
                case _At(kind) if self._stands(kind, at):
                    waiting.append(place + 1)
                case _Look(inner, negative) if self.found(inner, at) is not negative:
                    waiting.append(place + 1)
                case _:
                    pass

    def _stands(self, kind: Any, at: int) -> bool:
        size = len(self.text)
        if kind in {op.AT_BEGINNING, op.AT_BEGINNING_STRING}:
            return at == 0
        if kind is op.AT_END_STRING:
            return at == size
        if kind is op.AT_END:
            return at == size or (at == size - 1 and self.text[at] == "\n")
        if kind not in {op.AT_BOUNDARY, op.AT_NON_BOUNDARY}:
            raise _Undecided
        sides = (self.text[at - 1 : at], self.text[at : at + 1])
        before, after = (side.isalnum() or side == "_" for side in sides)
        return (before is not after) is (kind is op.AT_BOUNDARY)

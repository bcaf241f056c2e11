"""What the process says of itself, and what it leaves unsaid."""

from __future__ import annotations

import ast
import logging
import warnings
from collections.abc import Callable, Iterator

import pytest

from windmill_lite.base.logsetup import configure
from windmill_lite.core.arguments import patterns
from windmill_lite.core.dependencies.python import imports, leading
from windmill_lite.core.signature.python import source

#: Each makes Python warn of an escape, of a comparison, of a set in a set, of a group's name.
READERS: tuple[Callable[[], object], ...] = (
    lambda: source.parse_module('def main(a=1 is 2): return "\\d"'),
    lambda: source.parse_annotation('"\\d"'),
    lambda: imports('import a; "\\d"'),
    lambda: leading('import a; "\\d"', frozenset()),
    lambda: patterns.matches("[[a]", "b"),
    lambda: patterns.matches("[[a]+b*", "b"),
    lambda: patterns.matches("[a||b]+c*", "b"),
    lambda: patterns.matches("(?P<a>x)(?(\u0661)a|b)+", "xa"),
)


@pytest.fixture
def said() -> Iterator[list[warnings.WarningMessage]]:
    """Every warning, once the product has said which are not for its log."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        configure("text", "info")
        yield found
    root.handlers[:] = before
    root.setLevel(level)


@pytest.mark.parametrize("read", READERS)
def test_what_strangers_write_makes_no_warnings(
    said: list[warnings.WarningMessage], read: Callable[[], object]
) -> None:
    read()
    assert not said


def test_our_own_warnings_are_said(said: list[warnings.WarningMessage]) -> None:
    compile('"\\d"', "ours.py", "exec")
    warnings.warn("ours", FutureWarning, stacklevel=1)
    assert len(said) == 2


def test_what_all_threads_share_stays_while_a_script_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two threads that set filters for a while leave those of whoever was later."""
    shared, seen, parse = warnings.filters, [], ast.parse

    def looking(*given: object, **more: object) -> object:
        seen.append(warnings.filters is shared)
        return parse(*given, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(ast, "parse", looking)
    for read in READERS[:4]:
        read()
    assert seen == [True] * 4

"""The matcher of strangers' patterns agrees with `re`, and gives up instead of running away."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windmill_lite.core.arguments.patterns import PATTERN_CHARS_MAX, TEXT_CHARS_MAX, matches

atoms = st.sampled_from(
    [
        "a",
        "b",
        ".",
        "[ab]",
        "[^a]",
        r"\d",
        r"\w",
        r"\s",
        r"\D",
        "(a|b)",
        "(?:ab|c)*",
        "a+",
        "a*",
        "b?",
        "(a+b?)+",
        "^",
        "$",
        r"\b",
        "a{2}",
        "b{1,3}",
        "c{2,}",
        "(?=a)",
        "(?!b)",
        "(?:a|)",
        "a*?",
        r"[\d-]",
        r"[^\w]",
        "-",
        "()",
        r"\A",
        r"\Z",
        "[a-c1]",
        "(?:a{0,2}){2}",
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(atoms, max_size=6).map("".join), st.text("ab1c- \n", max_size=8))
def test_it_agrees_with_re(pattern: str, text: str) -> None:
    try:
        expected = re.search(pattern, text) is not None
    except re.error:
        assert matches(pattern, text) is None
    else:
        assert matches(pattern, text) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"^[a-z0-9]+(?:-[a-z0-9]+)*$", "a-long-name-" * 20 + "end", True),
        (r"^[a-z0-9]+(?:-[a-z0-9]+)*$", "a--b", False),
        (r"^(?=.*[A-Z])(?=.*\d).{8,}$", "abcdefgH1", True),
        (r"^(?=.*[A-Z])(?=.*\d).{8,}$", "abcdefgh1", False),
        (r"^[\w.+-]+@[\w-]+\.[\w.]+$", "first.last+tag@mail.example.org", True),
        (r"(?i)^ab+c*$", "ABBC", True),
        (r"(?i)^[^a]+b*$", "xA", False),
        (r"(?i)^[a-c]+[^x]+$", "ABC", True),
        (r"(?s)^a.*b.*c$", "a\nb\nc", True),
        (r"^a.*b.*c$", "a\nb\nc", False),
        ("(a+)+$", "a" * 5_000 + "b", False),
        ("a?" * 40 + "a" * 40, "a" * 40, True),
    ],
)
def test_patterns_of_daily_life_are_decided(pattern: str, text: str, *, expected: bool) -> None:
    assert matches(pattern, text) is expected


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("[", "a"),
        (r"(a*)\1*b+", "aab"),
        (r"(?<=a)b+c*", "abc"),
        ("(?m)^a+$|b+", "a"),
        ("((((a{10}){10}){10}){10}){10}", "a"),
        ("(a{0,4000000000})+", "a"),
        ("(.*)*(.*)*(.*)*x", "a" * TEXT_CHARS_MAX),
        ("a" * (PATTERN_CHARS_MAX + 1), "a"),
        ("a", "a" * (TEXT_CHARS_MAX + 1)),
    ],
)
def test_what_cannot_be_decided_cheaply_is_not_decided(pattern: str, text: str) -> None:
    assert matches(pattern, text) is None

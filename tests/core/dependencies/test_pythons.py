"""Specifiers of Python's version."""

from __future__ import annotations

import pytest

from windmill_lite.core.dependencies.pythons import fits


@pytest.mark.parametrize(
    ("specifier", "does"),
    [
        (">=3.11", True),
        (">= 3.11 , < 4", True),
        (">=3.12", False),
        ("3.11", True),
        ("3.11.7", True),
        ("3.11.8", False),
        ("3.12", False),
        ("==3.11.*", True),
        ("!=3.11.*", False),
        ("!=3.12.*", True),
        ("==3.11", False),
        ("~=3.10", True),
        ("~=3.11.2", True),
        ("~=3.10.0", False),
        (">3.11.7", False),
        ("<=3.11.7", True),
        ("<3.11.7", False),
        ("!=3.11.7", False),
        (">3.11", True),
        ("three", False),
        ("", True),
    ],
)
def test_a_version_is_within_or_not(specifier: str, does: bool) -> None:  # noqa: FBT001
    assert fits("3.11.7", specifier) is does
    assert fits("3.11.7+", specifier) is does

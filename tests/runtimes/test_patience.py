"""Texts that were written to keep the worker busy are read as quickly as others."""

from __future__ import annotations

import pytest

from windmill_lite.core.dependencies import typescript
from windmill_lite.runtimes import npm
from windmill_lite.runtimes.go import renamed
from windmill_lite.runtimes.typescript import _USES_STREAMS

MANY = 60_000
#: Read in two ways, each of these would take hours; the suite's own limit ends a test before.
TEXTS = (
    "\nimport" * MANY,
    "\nimport a " * MANY,
    "\n" * MANY * 5,
    "import" + " " * MANY * 5,
    "from" + " " * MANY * 5 + "(",
    "from (" * MANY,
    "export {a,\n" * MANY,
    "import ( " * MANY,
    "/**/" * MANY,
    "//" * MANY,
    "// a\n" * MANY,
    "/* " * MANY,
    " " * MANY * 5,
)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_every_text_is_read_in_time(text: str) -> None:
    assert typescript.packages(text) == {}
    assert typescript.bare(text) == text
    assert renamed(text) == text
    _USES_STREAMS.search(text)


@pytest.mark.parametrize("text", ['"' + "@./" * MANY, '"@' + "a" * MANY * 5, '"@a' * MANY])
def test_every_lock_is_read_in_time(text: str) -> None:
    npm._FOREIGN.search(text)


def test_the_package_of_a_go_script_is_renamed_wherever_it_stands() -> None:
    code = "// a package main\n/* package x **/ /***/\n\npackage main // main\n\nfunc main() {}\n"
    assert renamed(code) == code.replace("\npackage main //", "\npackage inner //")

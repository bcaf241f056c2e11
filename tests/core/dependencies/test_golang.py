"""Imports of Go scripts, and their locks."""

from __future__ import annotations

import pytest

from windmill_lite.base.errors import Invalid
from windmill_lite.core.dependencies import golang

HEAD = "package inner\n\n"


@pytest.mark.parametrize(
    ("imports", "found"),
    [
        ('import "fmt"', []),
        ('import "github.com/google/uuid"', ["github.com/google/uuid"]),
        (
            'import (\n\t"os"\n\tu "github.com/google/uuid" // why\n\t_ "gopkg.in/yaml.v3"\n)',
            ["github.com/google/uuid", "gopkg.in/yaml.v3"],
        ),
        ("import y `gopkg.in/yaml.v3`", ["gopkg.in/yaml.v3"]),
        (
            'import . "example.test/a"; import "example.test/b"',
            ["example.test/a", "example.test/b"],
        ),
        ('// import "example.test/a"\n/* import "example.test/b" */', []),
        ('import "windmill/inner"', []),
    ],
)
def test_modules_of_others_are_found(imports: str, found: list[str]) -> None:
    assert golang.packages(HEAD + imports + "\n\nfunc main() {}\n") == found


MOD = """module windmill

go 1.21

require (
	example.test/a v1.0.0
	example.test/b v2.0.0 // indirect
)
"""


def test_a_lock_is_what_go_writes() -> None:
    assert golang.parts(f"{MOD}{golang.SPLIT}sums") == (MOD, "sums")


@pytest.mark.parametrize(
    "lock",
    ["", MOD, f"{MOD}replace example.test/a => /etc\n{golang.SPLIT}", f"x{golang.SPLIT}"],
)
def test_a_lock_of_anything_but_modules_is_refused(lock: str) -> None:
    with pytest.raises(Invalid, match="is not one of Go modules"):
        golang.parts(lock)


@pytest.mark.parametrize("text", ["/*" * 60_000, "import (" * 60_000, '"' * 120_001, " " * 200_000])
def test_every_text_is_read_in_time(text: str) -> None:
    assert golang.packages(text) == []

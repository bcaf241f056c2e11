"""Imports of other scripts of the workspace, as paths."""

from __future__ import annotations

import pytest

from windmill_lite.base.errors import Invalid
from windmill_lite.core.dependencies import scripts, typescript
from windmill_lite.core.dependencies.meant import Meant

PYTHON = [
    ("from f.ops.tools import x", [Meant("f/ops/tools", ("f/ops/tools/x",))]),
    ("import f.ops.tools", [Meant("f/ops/tools")]),
    ("from f.ops import tools, more", [Meant(None, ("f/ops/tools", "f/ops/more"))]),
    ("from u.ada.tools import *", [Meant("u/ada/tools")]),
    ("from .tools import x", [Meant("f/ops/tools", ("f/ops/tools/x",))]),
    ("from . import tools", [Meant(None, ("f/ops/tools",))]),
    ("from ..data.tools import x", [Meant("f/data/tools", ("f/data/tools/x",))]),
    ("def main():\n    from .late import x", [Meant("f/ops/late", ("f/ops/late/x",))]),
    ("import f\nimport os.path\nimport u\nfrom fx.a.b import c", []),
    ("from f.ops.tools import (", []),
]
TYPESCRIPT = [
    ('import { x } from "/f/ops/tools"', ["f/ops/tools"]),
    (
        "import { x } from './tools.ts'; export * from '../data/more'",
        ["f/ops/tools", "f/data/more"],
    ),
    ('import { x } from "f/ops/tools"\nexport { y } from "u/ada/x.ts"', ["f/ops/tools", "u/ada/x"]),
    ('import { type X, x } from "./tools"', ["f/ops/tools"]),
    ('import { type X, type Y as Z, } from "./tools"', []),
    ('const x = await import("/u/ada/deep/tools.ts")', ["u/ada/deep/tools"]),
    ('import x from "zod"\nimport fs from "node:fs"', []),
    ('import type { X } from "./tools"', []),
    ('import x from "/etc/passwd"\nimport y from "./../../../../f"', []),
]


@pytest.mark.parametrize(("code", "meant"), PYTHON)
def test_python_names_scripts(code: str, meant: list[Meant]) -> None:
    assert scripts.imported("python3", code, "f/ops/main") == meant


@pytest.mark.parametrize(("code", "paths"), TYPESCRIPT)
def test_typescript_names_scripts(code: str, paths: list[str]) -> None:
    assert scripts.imported("bun", code, "f/ops/main") == [Meant(path) for path in paths]


@pytest.mark.parametrize(
    ("language", "code", "path", "words"),
    [
        ("python3", "from ... import x", "f/ops/main", "line 1: there is no script"),
        ("python3", "\nfrom ....a.b import x", "f/ops/main", "line 2: there is no script"),
        ("python3", "from .x import y", "", "without a path"),
        ("bun", 'import x from "./x"', "", "without a path"),
    ],
)
def test_nothing_leads_out_of_the_workspace(
    language: str, code: str, path: str, words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        scripts.imported(language, code, path)


def test_a_statement_means_what_is_there() -> None:
    one = Meant("f/a/b", ("f/a/b/c", "f/a/b/d"))
    assert one.chosen({"f/a/b", "f/a/b/c"}) == ("f/a/b",)
    assert one.chosen({"f/a/b/d"}) == ("f/a/b/d",)
    assert one.chosen(set()) == ()
    all_of = Meant(None, ("f/a/b", "f/a/c"))
    assert all_of.chosen({"f/a/b", "f/a/c"}) == ("f/a/b", "f/a/c")
    assert all_of.chosen({"f/a/b"}) == ()


def test_scripts_become_files_from_where_the_importer_lies() -> None:
    code = "import a from '/f/ops/a'; import b from \"./b.ts\"\nimport c from '/u/ada/c'"
    assert typescript.bare(code, "f/ops/main") == (
        "import a from './a.ts'; import b from \"./b.ts\"\nimport c from '../../u/ada/c.ts'"
    )
    assert typescript.bare("import a from '/f/ops/a'") == "import a from './f/ops/a.ts'"

"""Imports of other scripts of the workspace, as paths."""

from __future__ import annotations

import pytest

from windmill_lite.base.errors import Invalid
from windmill_lite.core.dependencies import python


def meant(source: str, importer: str = "f/ops/main") -> list[list[str]]:
    found = filter(python.of_workspace, python.imports(source))
    return [python.scripts(each, importer) for each in found]


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("from f.ops.tools import x", ["f/ops/tools", "f/ops/tools/x"]),
        ("import f.ops.tools", ["f/ops/tools"]),
        ("from f.ops import tools, more", ["f/ops/tools", "f/ops/more"]),
        ("from u.ada.tools import *", ["u/ada/tools"]),
        ("from .tools import x", ["f/ops/tools", "f/ops/tools/x"]),
        ("from . import tools", ["f/ops/tools"]),
        ("from ..data.tools import x", ["f/data/tools", "f/data/tools/x"]),
    ],
)
def test_imports_name_scripts(source: str, paths: list[str]) -> None:
    assert meant(source) == [paths]


def test_other_imports_name_none() -> None:
    assert meant("import f\nimport os.path\nimport u\nfrom fx.a.b import c") == []


@pytest.mark.parametrize("source", ["from ... import x", "from ....a.b import x"])
def test_dots_do_not_lead_out_of_the_workspace(source: str) -> None:
    with pytest.raises(Invalid, match="line 1: there is no script"):
        meant(source)
    with pytest.raises(Invalid, match="without a path"):
        meant("from .x import y", "")

"""What a cell can import when the program is frozen and carries packages of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sandbox.imports import CellFinder, survey


@pytest.fixture
def frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A frozen program with a package, a module of the standard library, and time zones in it."""
    home = tmp_path / "_MEI123"
    home.mkdir()
    for name in ("aiohttp", "wave", "tzdata"):
        (home / f"{name}.py").touch()
    monkeypatch.setattr(sys, "_MEIPASS", str(home), raising=False)
    monkeypatch.setattr(sys, "path", [str(home)])
    return home


@pytest.mark.parametrize(("name", "found"), [("wave", True), ("tzdata", True), ("aiohttp", False)])
def test_of_a_frozen_program_only_python_itself_is_seen(
    frozen: Path, name: str, *, found: bool
) -> None:
    assert (CellFinder.find_spec(name) is not None) is found


def test_what_a_script_brings_wins_over_what_we_brought(
    frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "aiohttp.py").touch()
    monkeypatch.setattr(sys, "path", [str(frozen), str(tmp_path)])
    spec = CellFinder.find_spec("aiohttp")
    assert spec is not None
    assert spec.origin == str(tmp_path / "aiohttp.py")


def test_modules_inside_a_package_are_found_where_the_package_is(frozen: Path) -> None:
    assert CellFinder.find_spec("aiohttp.web", [str(frozen)]) is None
    (frozen / "web.py").touch()
    assert CellFinder.find_spec("aiohttp.web", [str(frozen)]) is not None


def test_installed_packages_are_off_the_path_of_cells() -> None:
    imports = survey()
    assert imports.path
    assert not any("site-packages" in path for path in imports.path)
    assert "pytest" in imports.foreign
    assert "json" not in imports.foreign
    assert not Path(imports.executable).is_symlink()

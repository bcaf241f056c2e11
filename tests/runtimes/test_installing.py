"""What is installed together is answered in pieces that a worker can take."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from windmill_lite.runtimes import Kept
from windmill_lite.runtimes.wrappers import run_uv


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three packages of 10, 20 and 40 bytes, in the working directory."""
    monkeypatch.chdir(tmp_path)
    for name, size in (("a", 10), ("b", 20), ("c", 40)):
        folder = Path("kept", name)
        folder.mkdir(parents=True)
        (folder / f"{name}.py").write_bytes(b"x" * size)
    return ["a", "b", "c"]


@pytest.mark.parametrize(
    ("most", "fitting"), [(100, ["a", "b", "c"]), (30, ["a", "b"]), (29, ["a"]), (1, ["a"])]
)
def test_the_first_that_fit_are_answered_with(
    installed: list[str], monkeypatch: pytest.MonkeyPatch, most: int, fitting: list[str]
) -> None:
    monkeypatch.setattr(run_uv, "_MOST_BYTES", most)
    assert run_uv._fitting(installed) == fitting


@pytest.mark.parametrize("most", [100, 1])
def test_an_answer_is_read_however_large_it_is(
    installed: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, most: int
) -> None:
    monkeypatch.setattr(run_uv, "_MOST_BYTES", most)
    read, write = os.pipe()
    run_uv._answer_with(["b"], write)
    os.close(write)
    with os.fdopen(read, "rb") as answer:
        data = answer.read()
    kept = Kept(tmp_path / "built")
    kept.put_parts(["a", "b"], data, folder="kept")
    assert kept.find("a") is None
    found = kept.find("b")
    assert found is not None
    assert (found / "b.py").stat().st_size == 20

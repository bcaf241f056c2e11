"""What was built is kept whole, within bounds."""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.cell import Mount
from tests.runtimes.packs._registry import tar
from windmill_lite.base.errors import Invalid
from windmill_lite.model import limits
from windmill_lite.runtimes import Kept


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "built")


def test_a_program_is_kept_under_its_key(kept: Kept) -> None:
    assert kept.find("a") is None
    found = kept.put("a", b"#!/bin/sh\n")
    assert kept.find("a") == found
    assert (found / "program").read_bytes() == b"#!/bin/sh\n"
    assert os.access(found / "program", os.X_OK)


def test_a_folder_of_an_archive_is_kept(kept: Kept) -> None:
    found = kept.put("a", tar(), folder="package")
    assert sorted(p.name for p in found.rglob("*") if p.is_file()) == [".size", "tool", "words.txt"]


def test_who_comes_second_with_the_same_key_changes_nothing(kept: Kept) -> None:
    kept.put("a", b"first")
    found = kept.put("a", b"second")
    assert (found / "program").read_bytes() == b"first"
    assert [p.name for p in kept.root.iterdir()] == ["a"]


def test_what_is_no_archive_leaves_nothing(kept: Kept) -> None:
    with pytest.raises(Invalid):
        kept.put("a", b"nothing", folder="package")
    assert list(kept.root.iterdir()) == []


def test_what_was_used_the_longest_ago_goes(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_MAX", 2)
    for age, key in ((9_000, "old"), (20_000, "oldest but used")):
        os.utime(kept.put(key, b"x"), (time.time() - age,) * 2)
    assert kept.find("oldest but used") is not None
    kept.put("new", b"x")
    assert sorted(p.name for p in kept.root.iterdir()) == ["new", "oldest but used"]


def test_what_is_too_large_all_together_goes_from_the_oldest_on(
    tmp_path: Path,
) -> None:
    kept = Kept(tmp_path / "built", bytes_max=25)
    for age, key in ((30_000, "oldest"), (20_000, "older"), (10_000, "old")):
        os.utime(kept.put(key, b"x" * 10), (time.time() - age,) * 2)
    kept.put("new", b"x" * 12)
    assert sorted(p.name for p in kept.root.iterdir()) == ["new", "old"]
    os.utime(kept.root / "new", (time.time() - 9_000,) * 2)
    kept.put("alone", b"x" * 30)
    assert [p.name for p in kept.root.iterdir()] == ["alone"]


def test_what_a_killed_process_left_goes_when_it_is_old(kept: Kept) -> None:
    for name, age in ((".new-dead", 100_000), (".new-alive", 0)):
        (kept.root / name).mkdir(parents=True)
        os.utime(kept.root / name, (time.time() - age,) * 2)
    kept.put("a", b"x")
    assert sorted(p.name for p in kept.root.iterdir()) == [".new-alive", "a"]


def test_what_was_used_just_now_stays_beyond_the_bound_within_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept(tmp_path / "built", bytes_max=15)
    for age, key in ((9_000, "old"), (9, "newer"), (8, "new")):
        os.utime(kept.put(key, b"x" * 10), (time.time() - age,) * 2)
    kept.put("newest", b"x" * 10)
    assert sorted(p.name for p in kept.root.iterdir()) == ["new", "newer", "newest"]
    monkeypatch.setattr(limits, "KEPT_YOUNG_BYTES_MAX", 10)
    kept.put("one more", b"x" * 10)
    assert sorted(p.name for p in kept.root.iterdir()) == ["newest", "one more"]


def test_what_is_in_use_stays_with_all_that_it_is_made_of(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "built", bytes_max=15)
    kept.put_parts(["a", "b", "c"], parts(a=20, b=20, c=20), folder="kept")
    kept.join("set", ["a", "b"])
    kept.join("other", ["b", "c"])

    def grow_old() -> list[str]:
        for path in kept.root.iterdir():
            os.utime(path, (time.time() - 9_000,) * 2)
        kept.put(f"new{len(list(kept.root.iterdir()))}", b"x")
        return sorted(p.name for p in kept.root.iterdir() if "new" not in p.name)

    mounts = [Mount(f"{kept.root}/set", "a"), Mount("/nowhere", "b")]
    with kept.used(mounts), kept.used(mounts):
        assert grow_old() == ["a", "b", "set"]
    assert grow_old() == []


def test_twenty_who_use_and_install_at_once_lose_nothing_in_a_place_that_is_too_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "KEPT_YOUNG_BYTES_MAX", 0)
    monkeypatch.setattr(os, "sync", lambda: None)
    kept = Kept(tmp_path / "built", bytes_max=100)
    missed: list[str] = []

    def use(number: int) -> None:
        for turn in range(4):
            name = f"set{(number + turn) % 5}"
            place = kept.root / name
            a, b = f"a{(number + turn) % 5}", f"b{(number + turn) % 5}"
            more = parts(**{f"{a}_a": 20, f"{b}_b": 20})
            with kept.used([Mount(str(place), ".packages")]):
                # What is not there by now has to be made; what is there has to stay.
                there = [place / "a.py", place / "b.py"] if place.is_dir() else []
                kept.put_parts([a, b], more, folder="kept")
                kept.put(f"program{number}", b"x" * 90)
                missed.extend(str(file) for file in there if not file.is_file())
            kept.put_parts([a, b], more, folder="kept")
            with contextlib.suppress(OSError):  # somebody needed the room for more
                kept.join(name, [a, b])

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(use, range(20)))
    assert missed == []
    kept.put("last", b"x" * 10)
    assert not list(kept.root.glob(".new-*"))
    assert sum(int((p / ".size").read_text()) for p in kept.root.iterdir()) <= 100


def test_of_what_goes_nobody_finds_half(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_MAX", 1)
    os.utime(kept.put("old", b"x"), (time.time() - 9_000,) * 2)

    def die(path: Path, **_: object) -> None:
        if (path / "old").exists():
            raise SystemExit

    monkeypatch.setattr("shutil.rmtree", die)
    with pytest.raises(SystemExit):
        kept.put("new", b"x")
    assert kept.find("old") is None
    monkeypatch.undo()
    for path in kept.root.glob(".new-*"):
        os.utime(path, (time.time() - 9_000,) * 2)
    kept.put("newer", b"x")
    assert sorted(p.name for p in kept.root.iterdir()) == ["new", "newer"]


def parts(**sizes: int) -> bytes:
    """An archive of folders with one file each, of that many bytes; `a_b` is the file b in a."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, size in sizes.items():
            folder, _, file = name.partition("_")
            info = tarfile.TarInfo(f"kept/{folder}/{file or folder}.py")
            info.size = size
            archive.addfile(info, io.BytesIO(b"x" * size))
    return buffer.getvalue()


def test_a_set_holds_the_files_of_its_parts_and_no_copies(kept: Kept) -> None:
    kept.put_parts(["a", "b", "not there"], parts(a=10, b=20), folder="kept")
    assert kept.find("not there") is None
    found = kept.join("set", ["a", "b"])
    assert sorted(p.name for p in found.iterdir()) == [".parts", ".size", "a.py", "b.py"]
    assert (found / "a.py").samefile(kept.root / "a" / "a.py")
    assert (kept.root / "b" / ".size").read_text() == "20"
    assert (found / ".size").read_text() == "0"


def test_where_two_parts_have_a_file_the_first_is_right(kept: Kept) -> None:
    kept.put_parts(["a", "b"], parts(a=10, b_a=20), folder="kept")
    assert (kept.join("set", ["a", "b"]) / "a.py").stat().st_size == 10


def test_a_set_of_parts_that_are_gone_is_not_made(kept: Kept) -> None:
    kept.put_parts(["a"], parts(a=10), folder="kept")
    with pytest.raises(OSError, match="gone"):
        kept.join("set", ["a", "gone"])
    assert kept.find("set") is None
    assert [p.name for p in kept.root.iterdir()] == ["a"]


def test_a_use_of_a_set_is_one_of_its_parts_and_they_go_together(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "built", bytes_max=45)
    kept.put_parts(["a", "b"], parts(a=20, b=20), folder="kept")
    kept.join("set", ["a"])
    kept.join("other", ["b"])
    for path in kept.root.iterdir():
        os.utime(path, (time.time() - 9_000,) * 2)
    assert kept.find("set") is not None
    kept.put("new", b"x" * 10)
    assert sorted(p.name for p in kept.root.iterdir()) == ["a", "new", "set"]

"""Packs in the executable: found there, checked like any other, and no part of any other file."""

from __future__ import annotations

import os
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from tests.runtimes.packs._registry import pack, tar
from windmill_lite.base.errors import Invalid, Unavailable
from windmill_lite.runtimes.packs import Packs
from windmill_lite.runtimes.packs.carried import SECTION, carried, take_out, write_section

NOWHERE = {"npm_config_registry": "http://127.0.0.1:9/", "HOME": "/nonexistent"}


def elf(section: bytes, name: str = SECTION) -> bytes:
    """A program of 64 bits with one section, and one with the names of both."""
    names = b"\0" + name.encode() + b"\0.shstrtab\0"
    at, names_at = 64, 64 + len(section)
    table = names_at + len(names)
    kind = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    header = kind + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, table, 0, 64, 56, 0, 64, 3, 2)
    row = struct.Struct("<IIQQQQIIQQ")
    rows = [
        row.pack(*[0] * 10),
        row.pack(1, 1, 0, 0, at, len(section), 0, 0, 1, 0),
        row.pack(len(name) + 2, 3, 0, 0, names_at, len(names), 0, 0, 1, 0),
    ]
    return header + section + names + b"".join(rows)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """An executable that carries the tool, and another archive before it."""
    archives = [tmp_path / "other.whl", tmp_path / "tool.tgz"]
    archives[0].write_bytes(b"another")
    archives[1].write_bytes(tar())
    write_section(archives, tmp_path / "section")
    (tmp_path / "program").write_bytes(elf((tmp_path / "section").read_bytes()))
    return tmp_path / "program"


@pytest.fixture
def packs(tmp_path: Path, program: Path) -> Packs:
    return Packs(tmp_path / "runtimes", {"tool": pack(tar())}, program)


def test_a_pack_comes_out_of_the_executable_without_any_registry(packs: Packs) -> None:
    said: list[str] = []
    assert packs.carries("tool")
    found = packs.install("tool", NOWHERE, said.append)
    assert (found.directory / "bin/tool").read_bytes() == b"#!/bin/sh\necho tool\n"
    assert said == ["unpacking tool 1.2.3", "tool 1.2.3 is ready"]


def test_every_archive_is_known_by_the_name_of_its_file(program: Path, tmp_path: Path) -> None:
    found = carried(program)
    assert set(found) == {"other.whl", "tool.tgz"}
    take_out(program, found["other.whl"], tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"another"


def test_an_archive_that_was_damaged_on_the_way_is_refused(packs: Packs, program: Path) -> None:
    damaged = program.read_bytes().replace(tar()[20:40], bytes(20))
    program.write_bytes(damaged)
    with pytest.raises(Invalid, match=r"tool\.tgz is not tool\.tgz of the package @toys/tool"):
        packs.install("tool", NOWHERE, lambda _: None)
    assert packs.find("tool") is None


def test_what_is_made_for_another_machine_is_fetched(packs: Packs) -> None:
    tool = packs.pack("tool")
    other = {kind: replace(found, file="tool-2.tgz") for kind, found in tool.artifacts.items()}
    elsewhere = replace(packs, catalogue={"tool": replace(tool, artifacts=other)})
    assert not elsewhere.carries("tool")
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9"):
        elsewhere.install("tool", NOWHERE, lambda _: None)


@pytest.mark.parametrize(
    "content",
    [b"", b"short", b"\x7fELF\x01" * 30, elf(b"{}", "other"), elf(b"{}")[:-1], os.urandom(4096)],
    ids=["empty", "short", "of 32 bits", "without the section", "cut", "noise"],
)
def test_any_other_file_carries_nothing(tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "other"
    other.write_bytes(content)
    assert carried(other) == {}

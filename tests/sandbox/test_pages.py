"""Huge pages of the fork server: what is in them stays, and it says how many there are."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from types import SimpleNamespace

import pytest

from sandbox.kernel import pages

COLLAPSED = """
import re
from pathlib import Path
from sandbox.kernel import pages
kept = [bytes([n % 256]) * 400 for n in range(30_000)]
pages.fill_gaps()
made = pages.collapse()
assert kept == [bytes([n % 256]) * 400 for n in range(30_000)]
huge = re.findall("AnonHugePages: +([0-9]+) kB", Path("/proc/self/smaps").read_text())
assert sum(map(int, huge)) >= 2048 * made, (huge, made)
print(made)
"""


FILLED = """
from sandbox.kernel import pages
used = pages._present()
kept = pages.fill_pools()
for size in range(34, 480):
    new = [bytes(size) for _ in range(20)]
    assert id(new[-1]) // pages._PAGE_BYTES not in used, size
assert sum(len(each) for each in kept if isinstance(each, bytes)) < 1 << 20
"""


JOINED = """
import hashlib, re, ssl, zlib
from sandbox.kernel import pages

def parts():
    return [each.access for each in pages._mappings() if re.search("/libc[.-]", each.file)]

before = parts()
pages.join_segments()
assert sorted(parts()) == [*["---p"] * before.count("---p"), "r-xp", "rw-p"], (before, parts())
assert zlib.decompress(zlib.compress(b"x" * 99)) == b"x" * 99
ssl.create_default_context()
"""


def test_a_library_is_two_mappings_and_works() -> None:
    subprocess.run([sys.executable, "-c", JOINED], check=True)


def test_what_is_made_after_the_pools_are_filled_lies_outside_of_what_was_there() -> None:
    subprocess.run([sys.executable, "-c", FILLED], check=True)


def test_memory_in_huge_pages_holds_what_it_held() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COLLAPSED], check=True, capture_output=True, text=True
    )
    assert int(done.stdout) in range(1000)


def test_a_library_that_knows_no_end_is_asked_for_a_megabyte(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def malloc(size: int) -> int:
        """Each piece lies below the first one."""
        asked.append(size)
        return (1 << 40) - len(asked)

    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(malloc=malloc))
    pages.fill_gaps()
    assert 1 << 20 <= sum(asked) < 2 << 20

"""Memory goes back to the machine: looked at in processes of their own."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

#: Large buffers between small things that stay, twice: the C library learns from the first time.
SCRIPT = """
import os, sys
from windmill_lite.base.heap import give_back_freed

def held_mb():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

if sys.argv[1] == "yes":
    give_back_freed()
first, kept = held_mb(), []
for _ in range(2):
    large = []
    for _ in range(100):
        large.append(bytearray(400_000))
        kept.append(bytes(1000))
    del large
print(held_mb() - first)
"""


#: Many that are small, of which every hundredth stays.
SMALL = """
import asyncio, os, sys
from windmill_lite.base.heap import Tidy

def held_mb():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

first = held_mb()
many = [bytes(2_000) for _ in range(20_000)]
kept = many[::100]
del many
if sys.argv[1] == "yes":
    asyncio.run(Tidy().tick())
print(held_mb() - first)
"""


def growth_mb(given_back: str, script: str = SCRIPT) -> float:
    command = [sys.executable, "-c", script, given_back]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallopt"), reason="this C library has no mallopt"
)
def test_large_buffers_between_small_things_do_not_stay() -> None:
    assert growth_mb("yes") < 5 < growth_mb("no")


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library gives back by itself"
)
def test_what_was_freed_between_things_that_stay_is_given_back_in_time() -> None:
    assert growth_mb("yes", SMALL) < 10
    assert growth_mb("no", SMALL) > 30

"""User ids that are nobody's, for root to give to cells.

From 1,879,048,192 to 2,147,352,575 no convention assigns any: below lie people, services, and the
subordinate ids of rootless containers.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_CONTAINER: Final = 1_900_000_000
_CONTAINER_COUNT: Final = 65_536
_CELLS: Final = 2_000_000_000
_CELLS_COUNT: Final = 32
_NOBODY: Final = 65_534


def container_users(kind: str) -> str:
    """The map "inside outside count" for a user namespace; `kind` is "uid" or "gid".

    Inside a container that has fewer ids, one of the last it has stands for all.
    """
    wanted = range(_CONTAINER, _CONTAINER + _CONTAINER_COUNT)
    if _available(kind, wanted):
        return f"0 {wanted.start} {len(wanted)}"
    return f"0 {_last(kind)} 1"


def cell_users() -> range:
    """Ids that no other fork server of this machine uses, as long as this process lives."""
    first = _CELLS + os.getpid() * _CELLS_COUNT
    wanted = range(first, first + _CELLS_COUNT)
    if _available("uid", wanted) and _available("gid", wanted):
        return wanted
    last = min(_last("uid"), _last("gid"))
    return range(max(1, last - _CELLS_COUNT), max(2, last))


def _available(kind: str, wanted: range) -> bool:
    return any(wanted.start in ids and wanted[-1] in ids for ids in _ranges(kind))


def _last(kind: str) -> int:
    return max(min(ids[-1], _NOBODY) for ids in _ranges(kind))


def _ranges(kind: str) -> Iterator[range]:
    """What this process's own user namespace has."""
    for line in Path(f"/proc/self/{kind}_map").read_text().splitlines():
        start, _, count = (int(word) for word in line.split())
        yield range(start, start + count)

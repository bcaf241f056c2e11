"""The kernel's limits per process."""

from __future__ import annotations

import resource
from collections.abc import Mapping
from typing import Final

from sandbox.cell import Limits

_KINDS: Final = (
    *(resource.RLIMIT_CORE, resource.RLIMIT_DATA, resource.RLIMIT_FSIZE),
    *(resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_CPU),
)


def ceilings() -> Mapping[int, int]:
    """What this process may give itself at most, by kind; negative where there is no end."""
    return {kind: resource.getrlimit(kind)[1] for kind in _KINDS}


def apply(limits: Limits, *, processes: int, under: Mapping[int, int]) -> None:
    """Bind this process and its children; `processes` is counted by the kernel per user, and
    `under` are the ceilings of whoever forked this process.

    Memory is limited as private memory, not as address space: engines that reserve gigabytes of
    addresses and use few would not start otherwise.
    """
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_DATA: limits.memory_bytes,
        resource.RLIMIT_FSIZE: limits.file_size_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_NPROC: processes,
    }
    if limits.cpu_s is not None:
        # The first process of a pid namespace ignores the soft limit's signal: the hard one kills.
        wanted[resource.RLIMIT_CPU] = limits.cpu_s
    for kind, value in wanted.items():
        ceiling = under[kind]
        limit = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
        resource.setrlimit(kind, (limit, limit))

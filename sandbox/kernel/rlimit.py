"""The kernel's limits per process."""

from __future__ import annotations

import resource

from sandbox.cell import Limits


def apply(limits: Limits, *, processes: int) -> None:
    """Bind this process and its children; `processes` is counted by the kernel per user.

    Memory is limited as private memory, not as address space: engines that reserve gigabytes of
    addresses and use few would not start otherwise.
    """
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_DATA, limits.memory_bytes)
    _set(resource.RLIMIT_FSIZE, limits.file_size_bytes)
    _set(resource.RLIMIT_NOFILE, limits.open_files)
    _set(resource.RLIMIT_NPROC, processes)
    if limits.cpu_s is not None:
        # The first process of a pid namespace ignores the soft limit's signal: the hard one kills.
        _set(resource.RLIMIT_CPU, limits.cpu_s)


def _set(kind: int, wanted: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (value, value))

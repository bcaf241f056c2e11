"""The kernel's limits per process."""

from __future__ import annotations

from collections.abc import Mapping
from resource import RLIM_INFINITY, getrlimit, setrlimit
from resource import RLIMIT_CORE as CORE
from resource import RLIMIT_CPU as CPU
from resource import RLIMIT_DATA as DATA
from resource import RLIMIT_FSIZE as FSIZE
from resource import RLIMIT_NOFILE as NOFILE
from resource import RLIMIT_NPROC as NPROC

from sandbox.cell import Limits


def ceilings() -> Mapping[int, int]:
    """What this process may give itself at most, by kind; negative where there is no end."""
    return {kind: getrlimit(kind)[1] for kind in (CORE, DATA, FSIZE, NOFILE, NPROC, CPU)}


def apply(limits: Limits, *, under: Mapping[int, int], beside: int = 0) -> None:
    """Bind this process and its children; `under` are the ceilings of whoever forked this process.
    Processes are counted by the kernel per user, who has so many `beside` these.

    Memory is limited as private memory, not as address space: engines that reserve gigabytes of
    addresses and use few would not start otherwise.
    """
    memory_bytes, processes, file_size_bytes, _, open_files, cpu_s = limits
    wanted = {
        CORE: 0,
        DATA: memory_bytes,
        FSIZE: file_size_bytes,
        NOFILE: open_files,
        NPROC: processes + beside,
    }
    if cpu_s is not None:
        # The first process of a pid namespace ignores the soft limit's signal: the hard one kills.
        wanted[CPU] = cpu_s
    for kind, value in wanted.items():
        ceiling = under[kind]
        limit = value if ceiling == RLIM_INFINITY else min(value, ceiling)
        setrlimit(kind, (limit, limit))

"""How many files and connections this process may have open."""

from __future__ import annotations

import resource


def allow(most: int) -> int:
    """Raises the limit to `most`, as far as the system lets a process do that itself; returns what
    holds then. Systems start programs with 1,024, for the sake of those that use `select`.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    ceiling = most if hard == resource.RLIM_INFINITY else min(most, hard)
    if soft != resource.RLIM_INFINITY and soft < ceiling:
        resource.setrlimit(resource.RLIMIT_NOFILE, (ceiling, hard))
        return ceiling
    return soft

"""Packages that all cells of one fork server find imported: a set that was installed for them.

Their own code runs here, before any wall of a cell is up. So this server has nothing else: of what
is shared it sees this set alone, read-only, and it gives up its power over the room before. What a
package does to it, it could do in each of the cells, which import the same.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import ssl
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sandbox.imports import Imports
from sandbox.kernel import syscalls as sc

_THREADS: Final = "/proc/self/task"


def preload(directory: str, names: Sequence[str], imports: Imports) -> Imports:
    """Import modules from a directory as cells would; what fails fails again in the cell that asks
    for it. Answers with what cells are to look through.

    Fails: OSError when a package has started threads: a fork would lose them.
    """
    found = replace(imports, path=(*imports.path, directory))
    found.look()
    # Without this one the kernel makes no rooms in which a cell is a user of its own (Linux 5.12).
    sc.keep_capability(sc.CAP_SETFCAP)
    for name in names:
        with contextlib.suppress(BaseException):
            importlib.import_module(name)
    sys.stdout.flush()
    os.register_at_fork(after_in_child=_stir)
    count = len(os.listdir(_THREADS))  # noqa: PTH208
    if count > 1:
        raise OSError(f"the packages have started {count - 1} threads, which no fork would have")
    return found


def _stir() -> None:
    """A package may have drawn random numbers of OpenSSL, which tells a fork by the process id: and
    that is 1 in every cell, as it is here.
    """
    ssl.RAND_add(os.urandom(32), 32.0)

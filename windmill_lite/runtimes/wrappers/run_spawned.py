"""A Python script on another Python than the one that runs us: started for its job, no warm child.

The same program around the script (run.py) reads the request from standard input and answers as a
warm child does. This folder and `clients` beside it lie in the job directory, see
runtimes/python.py; the interpreter was started with `-I -S`, so that a script imports what scripts
in warm children can.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Final, NoReturn

from . import run, run_clients  # noqa: TID252  a package of its own, see run.py

_RESULT_FD: Final = 4


def main() -> NoReturn:
    """Answers the one request there is, and ends the process."""
    request = sys.stdin.buffer.read()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.set_inheritable(_RESULT_FD, False)  # noqa: FBT003
    run_clients.provide()
    kept = _hidden()
    sys.path[0] = os.environ["PWD"]
    run.pose()
    run.run(request, _RESULT_FD)
    del kept
    os._exit(0)


def _hidden() -> list[ModuleType]:
    """Our own modules, by whose names a script finds its own; kept as long as their code runs."""
    package = __name__.partition(".")[0]
    ours = [name for name in sys.modules if name.partition(".")[0] == package]
    return [sys.modules.pop(name) for name in ours]

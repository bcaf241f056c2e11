"""Floor 3: the languages. No runtime starts a process; the worker does, through the sandbox."""

from __future__ import annotations

from typing import Final

from windmill_lite.runtimes.base import Call, Probe, Runtime
from windmill_lite.runtimes.bash import Bash
from windmill_lite.runtimes.outcome import Failure, Success, outcome_of
from windmill_lite.runtimes.python import WARM_MODULES, Python, entry_module

#: Every language there is, in the order they are offered.
RUNTIMES: Final[tuple[Runtime, ...]] = (Python(), Bash())

__all__ = [
    "RUNTIMES",
    "WARM_MODULES",
    "Bash",
    "Call",
    "Failure",
    "Probe",
    "Python",
    "Runtime",
    "Success",
    "entry_module",
    "outcome_of",
]

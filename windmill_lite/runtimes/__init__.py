"""Floor 3: the languages. No runtime starts a process; the worker does, through the sandbox."""

from __future__ import annotations

from windmill_lite.runtimes.base import Call, Probe, Runtime, Step
from windmill_lite.runtimes.bash import Bash
from windmill_lite.runtimes.deno import Deno
from windmill_lite.runtimes.go import Go
from windmill_lite.runtimes.kept import Kept
from windmill_lite.runtimes.outcome import Failure, Success, outcome_of
from windmill_lite.runtimes.packs import Packs
from windmill_lite.runtimes.php import Php
from windmill_lite.runtimes.python import WARM_MODULES, Python, entry_module
from windmill_lite.runtimes.sql.languages import databases, implied_args
from windmill_lite.runtimes.typescript import TypeScript


def runtimes_with(packs: Packs, kept: Kept) -> tuple[Runtime, ...]:
    """Every language there is, in the order they are offered; some need a pack."""
    return (
        *(Python(packs, kept), Bash()),
        *(TypeScript(language, packs, kept) for language in ("bun", "nativets")),
        *(Deno(packs, kept), Go(packs, kept), Php()),
        *databases(packs, kept),
    )


__all__ = [
    "WARM_MODULES",
    "Bash",
    "Call",
    "Deno",
    "Failure",
    "Go",
    "Kept",
    "Packs",
    "Php",
    "Probe",
    "Python",
    "Runtime",
    "Step",
    "Success",
    "TypeScript",
    "databases",
    "entry_module",
    "implied_args",
    "outcome_of",
    "runtimes_with",
]

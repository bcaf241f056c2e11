"""The cell: runs one command under limits, and knows nothing of windmill_lite.

An island: standard library only, so that it can be read, tested and trusted by itself. THREATS.md
says what each level promises.
"""

from __future__ import annotations

from sandbox.best import Report, probe, source_launcher
from sandbox.cell import (
    LEVELS,
    Cell,
    Exit,
    Level,
    Limits,
    Mount,
    Network,
    Packages,
    Place,
    Reason,
    Unfit,
)
from sandbox.client.forkserver import ForkServer
from sandbox.client.standing import Standing

__all__ = [
    "LEVELS",
    "Cell",
    "Exit",
    "ForkServer",
    "Level",
    "Limits",
    "Mount",
    "Network",
    "Packages",
    "Place",
    "Reason",
    "Report",
    "Standing",
    "Unfit",
    "probe",
    "source_launcher",
]

"""Why a cell ended, from what the fork server tells and from what the client had asked."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any

from sandbox.cell import Cell, Reason


@dataclass(frozen=True, slots=True)
class Known:
    """What the client knows of a cell that has ended: why it killed it, why it was never made."""

    cell: Cell
    stopped: Reason | None
    broken: str


def reason_of(known: Known, code: int, message: dict[str, Any]) -> tuple[Reason, str]:
    """Why a cell ended, and a sentence where there is more to say."""
    limits = known.cell.limits
    if known.broken:
        return "broken", known.broken
    if message.get("memory"):
        return "memory", f"all its processes together held more than {limits.memory_bytes} bytes"
    if code != -signal.SIGKILL:
        return ("killed" if code < 0 else "exited"), ""
    if message.get("guard"):
        return "guard", ""
    if known.stopped is not None:
        return known.stopped, ""
    if limits.cpu_s is not None and message["cpu_s"] >= limits.cpu_s - 0.5:
        return "killed", f"it used {limits.cpu_s} s of processor time, its limit"
    return "killed", "by itself, or by the system when memory ran out"

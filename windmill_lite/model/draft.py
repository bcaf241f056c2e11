"""What a person is writing and has not deployed."""

from __future__ import annotations

from dataclasses import dataclass

#: What drafts are kept of.
KINDS = ("script", "flow")


@dataclass(frozen=True, slots=True)
class DraftAt:
    """The address of a draft; with its owner's email it is one."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Draft:
    """`value` is JSON text, empty in lists."""

    at: DraftAt
    value: str
    summary: str | None
    new_path: str | None  # where it shall be deployed, when that is elsewhere
    saved_at: int  # µs
    username: str | None = None  # None: who wrote it is no member any more
    mine: bool = True
    deployed: bool = False  # something is at its path; told by lists

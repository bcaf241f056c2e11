"""A request that may be sent again: the same key of the same person is the same job."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """Keys are known per workspace and person, so that nobody meets, or guesses, another's."""

    workspace: str
    username: str
    key: str  # as the caller chose it
    fingerprint: str  # of what is asked: a key that comes with another question is a mistake

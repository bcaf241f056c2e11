"""What becomes of a running job whose worker is silent."""

from __future__ import annotations

from windmill_lite.core.jobs.lifecycle import Move


def verdict(*, starts: int, max_attempts: int, canceled: bool) -> Move:
    """CANCEL when somebody asked for its end meanwhile; else LOSE while starts are left, so that
    it runs again; else GIVE_UP: a job that takes its workers down does not walk through the fleet.
    `starts` are those that came to no outcome, this one included: retries are not counted.
    """
    if canceled:
        return Move.CANCEL
    return Move.LOSE if starts < max_attempts else Move.GIVE_UP

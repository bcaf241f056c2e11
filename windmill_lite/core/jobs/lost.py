"""What becomes of a running job whose attempt does not come to an outcome.

A job is restarted, so that it may run more than once, or it is *at most once* (`on_worker_loss:
fail`): then it has one start, and what began and did not end fails, whatever the cause:

    worker fell silent, or the process was found gone at a start    fails
    its cell broke, or the guard ended it                           fails
    its worker stops and would not wait any longer                  fails; a restartable job is
                                                                    handed back and not counted
    its worker stops, or is out of contact, before it began         handed back, not counted
    the answer that gave the job to its worker got lost             handed back, not counted
    it failed, and its policy gives it another try                  is tried again: that was an
                                                                    outcome
"""

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


def may_hand_back(*, began: bool, max_attempts: int) -> bool:
    """Whether a worker may return an attempt as if it had not been; else it is lost."""
    return not began or max_attempts > 1

"""The arrows of a job. The statements of `store/machine/queue.sql` are guarded by the same table,
and the schema's CHECK knows the same stored states (COMPLETED is a row in `job_done`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from windmill_lite.base.errors import Bug
from windmill_lite.model.job import JobState


class Move(StrEnum):
    COME_DUE = "come due"  # its time has come
    CLAIM = "claim"  # a worker takes it
    BLOCK = "block"  # its concurrency key is full
    WAKE = "wake"  # there is room for it
    SKIP = "skip"  # a newer job takes its place
    FINISH = "finish"  # its worker reports an outcome; a flow has come to its end
    WAIT = "wait"  # a flow waits for its children, or for people
    PAUSE = "pause"  # a flow waits for a time, or has heard something
    CANCEL = "cancel"  # a person ends it before it started, or by force
    LOSE = "lose"  # its worker is silent; attempts left
    GIVE_UP = "give up"  # its worker is silent once too often
    RETRY = "retry"  # it failed, and its policy gives it another try
    HAND_BACK = "hand back"  # its worker stops and returns it


@dataclass(frozen=True, slots=True)
class Arrow:
    start: JobState
    move: Move
    end: JobState


ARROWS = (
    Arrow(JobState.DELAYED, Move.COME_DUE, JobState.QUEUED),
    Arrow(JobState.DELAYED, Move.WAIT, JobState.SUSPENDED),
    Arrow(JobState.DELAYED, Move.FINISH, JobState.COMPLETED),
    Arrow(JobState.DELAYED, Move.SKIP, JobState.COMPLETED),
    Arrow(JobState.DELAYED, Move.CANCEL, JobState.COMPLETED),
    Arrow(JobState.QUEUED, Move.CLAIM, JobState.RUNNING),
    Arrow(JobState.QUEUED, Move.WAIT, JobState.SUSPENDED),
    Arrow(JobState.QUEUED, Move.PAUSE, JobState.DELAYED),
    Arrow(JobState.QUEUED, Move.FINISH, JobState.COMPLETED),
    Arrow(JobState.QUEUED, Move.BLOCK, JobState.BLOCKED),
    Arrow(JobState.QUEUED, Move.CANCEL, JobState.COMPLETED),
    Arrow(JobState.BLOCKED, Move.WAKE, JobState.QUEUED),
    Arrow(JobState.BLOCKED, Move.CANCEL, JobState.COMPLETED),
    Arrow(JobState.SUSPENDED, Move.PAUSE, JobState.DELAYED),
    Arrow(JobState.SUSPENDED, Move.FINISH, JobState.COMPLETED),
    Arrow(JobState.SUSPENDED, Move.CANCEL, JobState.COMPLETED),
    Arrow(JobState.RUNNING, Move.WAIT, JobState.SUSPENDED),
    Arrow(JobState.RUNNING, Move.PAUSE, JobState.DELAYED),
    Arrow(JobState.RUNNING, Move.FINISH, JobState.COMPLETED),
    Arrow(JobState.RUNNING, Move.CANCEL, JobState.COMPLETED),
    Arrow(JobState.RUNNING, Move.LOSE, JobState.QUEUED),
    Arrow(JobState.RUNNING, Move.GIVE_UP, JobState.COMPLETED),
    Arrow(JobState.RUNNING, Move.RETRY, JobState.DELAYED),
    Arrow(JobState.RUNNING, Move.HAND_BACK, JobState.QUEUED),
)


def after(state: JobState, move: Move) -> JobState:
    """Where the move leads; a move that is no arrow is a `Bug`."""
    for arrow in ARROWS:
        if arrow.start is state and arrow.move is move:
            return arrow.end
    raise Bug(f"a {state} job does not {move}")

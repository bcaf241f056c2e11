"""Outcomes of jobs that failed before their scripts began, or for a reason of ours."""

from __future__ import annotations

from windmill_lite.base.codec import Json, dumps, loads
from windmill_lite.core.jobs import results
from windmill_lite.model import limits
from windmill_lite.model.job import Finished, JobKind, Locking, Outcome


def broken(what: str, error: Exception) -> Finished:
    message = f"{what}: {told_of(error)}"
    return Finished(Outcome.FAILURE, dumps(results.failed("InternalError", message)))


def unready(message: str, *, kind: JobKind) -> Finished:
    """What a script needs cannot be had, and its author has to change something."""
    finished = Finished(Outcome.FAILURE, dumps(results.failed("BuildError", message)))
    if kind is not JobKind.DEPENDENCIES:
        return finished
    return finished._replace(locking=locking_of(finished))


def at_step(finished: Finished, step: str) -> Finished:
    """A failure of a step of a flow says whose it is."""
    if finished.outcome is not Outcome.FAILURE:
        return finished
    told = loads(finished.result, what="result")
    more = failed_at(told, step)
    return finished if more is told else finished._replace(result=dumps(more))


def failed_at(told: Json, step: str) -> Json:
    """The result of a failed job with the step it was, unless one further inside has said so."""
    error = told.get("error") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(error, dict) or "step_id" in error:
        return told
    return {**told, "error": {**error, "step_id": step}}


def locking_of(finished: Finished) -> Locking | None:
    """What a version is told of a failure to find its lock; nothing when it was this machine's and
    no fault of the script: others may find one.
    """
    error = loads(finished.result, what="result")["error"]
    if error["name"] != "BuildError":
        return None
    message = error["message"].replace("\0", "").encode(errors="replace").decode()
    return Locking(None, message[: limits.TEXT_CHARS_MAX])


def told_of(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"

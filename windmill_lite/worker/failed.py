"""Outcomes of jobs that we failed, and not their scripts."""

from __future__ import annotations

from windmill_lite.base.codec import dumps
from windmill_lite.core.jobs import results
from windmill_lite.model.job import Finished, Outcome


def broken(what: str, error: Exception) -> Finished:
    message = f"{what}: {told_of(error)}"
    return Finished(Outcome.FAILURE, dumps(results.failed("InternalError", message)))


def told_of(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"

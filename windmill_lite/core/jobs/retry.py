"""Whether and when a job that failed is tried again. Nothing here is random: the jitter of a try
comes from the job's id, so that it is the same wherever and however often it is asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from windmill_lite.base.codec import Json, canonical, loads
from windmill_lite.base.errors import Invalid
from windmill_lite.model.limits import (
    RETRY_ATTEMPTS_MAX,
    RETRY_MULTIPLIER_MAX,
    RETRY_PAUSE_S_MAX,
)
from windmill_lite.model.retry import Constant, Exponential, RetryPolicy

_MOST: Final[Mapping[str, int]] = {
    "attempts": RETRY_ATTEMPTS_MAX,
    "seconds": RETRY_PAUSE_S_MAX,
    "multiplier": RETRY_MULTIPLIER_MAX,
    "random_factor": 100,
}


def pause_us(policy: RetryPolicy, number: int, job_id: UUID) -> int | None:
    """How long after a failure retry `number` (the first is 1) comes; None: there is no such retry.

    Units:   µs, at most `RETRY_PAUSE_S_MAX`.
    """
    constant, exponential = policy.constant, policy.exponential
    before = constant.attempts if constant is not None else 0
    if constant is not None and number <= constant.attempts:
        return min(constant.seconds, RETRY_PAUSE_S_MAX) * 1_000_000
    if exponential is not None and number <= before + exponential.attempts:
        grown_s = exponential.multiplier * int(exponential.seconds**number)
        pause_s = min(grown_s, RETRY_PAUSE_S_MAX)
        spread = pause_s * 10_000 * exponential.random_factor  # µs
        jitter = spread * (_dice(job_id, number) - 5_000) // 5_000
        return min(pause_s * 1_000_000 + jitter, RETRY_PAUSE_S_MAX * 1_000_000)
    return None


def _dice(job_id: UUID, number: int) -> int:
    """Between 0 and 10,000."""
    digest = hashlib.sha256(f"{job_id}/retry/{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 10_001


def asked(value: Json) -> RetryPolicy | None:
    """What a version says of its retries, in Windmill's shape; None when it asks for none.

    Fails: `Invalid`, naming what is wrong.
    """
    if value is None:
        return None
    parts = _object(value, "retry", ("constant", "exponential"))
    constant = _object(parts.get("constant"), "retry.constant", ("attempts", "seconds"))
    exponential = _object(
        parts.get("exponential"),
        "retry.exponential",
        ("attempts", "multiplier", "seconds", "random_factor"),
    )
    grows = exponential.get("attempts", 0) > 0
    if grows and not exponential.get("seconds"):
        raise Invalid("retry.exponential.seconds must be at least 1", field="retry")
    policy = RetryPolicy(
        Constant(constant["attempts"], constant.get("seconds", 0))
        if constant.get("attempts")
        else None,
        Exponential(
            exponential["attempts"],
            exponential.get("multiplier", 1),
            exponential["seconds"],
            exponential.get("random_factor", 0),
        )
        if grows
        else None,
    )
    return policy if policy.attempts else None


def _object(value: Json, name: str, known: tuple[str, ...]) -> dict[str, Any]:
    """Its members that are not null, which are objects or whole numbers within their bounds."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Invalid(f"{name} must be an object", field="retry")
    for member, given in value.items():
        if member not in known and given is not None:
            raise Invalid(f"{name}.{member} is not supported here", field="retry")
    return {member: _known(given, f"{name}.{member}") for member, given in value.items() if given}


def _known(value: Json, name: str) -> Json:
    most = _MOST.get(name.rpartition(".")[2])
    whole = isinstance(value, int) and not isinstance(value, bool)
    if most is not None and not (whole and 0 <= value <= most):
        raise Invalid(f"{name} must be a whole number from 0 to {most}", field="retry")
    return value


def written(policy: RetryPolicy) -> str:
    """As it is stored: JSON in Windmill's shape."""
    return canonical({name: part for name, part in asdict(policy).items() if part is not None})


def read(text: str) -> RetryPolicy:
    """What `written` wrote."""
    parts = loads(text, what="retry")
    constant, exponential = parts.get("constant"), parts.get("exponential")
    return RetryPolicy(
        Constant(**constant) if constant is not None else None,
        Exponential(**exponential) if exponential is not None else None,
    )

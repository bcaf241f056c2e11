"""Whether and when a job that failed is tried again. Nothing here is random: the jitter of a try
comes from the job's id, so that it is the same wherever and however often it is asked for."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from uuid import UUID

from windmill_lite.base.codec import canonical, loads
from windmill_lite.model.limits import RETRY_PAUSE_S_MAX
from windmill_lite.model.retry import Constant, Exponential, RetryPolicy


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

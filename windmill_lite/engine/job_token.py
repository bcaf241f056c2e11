"""A running job's own token: signed, never stored, good while that very attempt runs.

`wlj_<job id, 32 hex>_<attempt>_<mac, 32 hex>`; the mac is HMAC-SHA256 over `<job id>_<attempt>`
with the instance's key, cut to 128 bits. Whoever checks it also looks whether the attempt still
runs, so it needs no expiry and dies with the job.
"""

from __future__ import annotations

import hmac
from uuid import UUID

PREFIX = "wlj_"


def issue(instance_key: bytes, job_id: UUID, attempt: int) -> str:
    subject = f"{job_id.hex}_{attempt}"
    return f"{PREFIX}{subject}_{_mac(instance_key, subject)}"


def parse(instance_key: bytes, token: str) -> tuple[UUID, int] | None:
    """The job and attempt a token speaks for; None when it is not one of ours."""
    parts = token.removeprefix(PREFIX).split("_")
    if not token.startswith(PREFIX) or len(parts) != 3:
        return None
    job, attempt, mac = parts
    if not hmac.compare_digest(_mac(instance_key, f"{job}_{attempt}").encode(), mac.encode()):
        return None
    return UUID(hex=job), int(attempt)


def _mac(instance_key: bytes, subject: str) -> str:
    said = subject.encode("utf-8", "surrogatepass")
    return hmac.digest(instance_key, said, "sha256").hex()[:32]

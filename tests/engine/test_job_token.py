"""A running job's own token."""

from __future__ import annotations

import hmac
import secrets

from windmill_lite.base.ids import new_id
from windmill_lite.engine import job_token


def test_a_token_is_signed_by_the_hmac_of_the_standard_library() -> None:
    """Nodes of other versions check it."""
    for _ in range(50):
        key, job_id, attempt = secrets.token_bytes(32), new_id(), secrets.randbelow(1000)
        said = f"{job_id.hex}_{attempt}"
        mac = hmac.digest(key, said.encode(), "sha256").hex()[:32]
        assert job_token.issue(key, job_id, attempt) == f"wlj_{said}_{mac}"
        assert job_token.parse(key, f"wlj_{said}_{mac}") == (job_id, attempt)
        assert job_token.parse(secrets.token_bytes(32), f"wlj_{said}_{mac}") is None

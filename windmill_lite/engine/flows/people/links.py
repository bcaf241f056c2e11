"""The link by which somebody may approve: a signature over the job that asks, a number that whoever
made the link chose, and the name of the approver. It needs no login and no row, and holds as long
as the job can be spoken to.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Denied
from windmill_lite.engine.world import World


@dataclass(frozen=True, slots=True)
class Link:
    """`job` is the step that asks, or a whole flow: then it counts for every step of it."""

    workspace: str
    job: UUID
    resume_id: int
    approver: str | None = None


def sign(instance_key: bytes, link: Link) -> str:
    """64 hex characters; another approver, number, job or workspace gives another."""
    parts = ("resume", link.workspace, link.job.hex, str(link.resume_id), link.approver or "")
    subject = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hmac.new(instance_key, subject, hashlib.sha256).hexdigest()


def urls(world: World, link: Link) -> dict[str, Json]:
    """Windmill's three: the page, and what it does."""
    at = f"{link.workspace}/{link.job}/{link.resume_id}/{sign(world.instance_key, link)}"
    base = f"{world.base_url}/api/w/{link.workspace}/jobs_u"
    tail = f"{link.job}/{link.resume_id}/{sign(world.instance_key, link)}"
    asked = f"?approver={quote(link.approver, safe='')}" if link.approver else ""
    return {
        "approvalPage": f"{world.base_url}/approve/{at}{asked}",
        "resume": f"{base}/resume/{tail}{asked}",
        "cancel": f"{base}/cancel/{tail}{asked}",
    }


def check(instance_key: bytes, link: Link, signature: str) -> None:
    """Fails: `Denied`."""
    right = sign(instance_key, link)
    if not hmac.compare_digest(right.encode(), signature.encode("utf-8", "surrogatepass")):
        raise Denied("the signature of this link is not right")

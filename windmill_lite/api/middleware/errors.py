"""Refusals become answers: the one place where an error gets a status.

The body is text, as Windmill's clients show it: `Not found: script not found at name f/a/b`. What
is no refusal is a bug: the answer is 500 with a reference, and the log has the rest under it.
"""

from __future__ import annotations

import asyncio
import logging
import math
import secrets

from aiohttp import ClientConnectionResetError, web

from windmill_lite.api import replies
from windmill_lite.api.middleware import Handler
from windmill_lite.base.errors import Busy, Invalid, Refusal, TooLarge, Unavailable

log = logging.getLogger(__name__)


class MethodNotAllowed(Refusal):
    """The address is good, the method is not; `allowed` are those that are."""

    code = "method_not_allowed"
    status = 405
    title = "Method not allowed"

    def __init__(self, message: str, *, allowed: tuple[str, ...]) -> None:
        super().__init__(message)
        self.allowed = allowed


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refusal as refusal:
        return refused(refusal)
    except web.HTTPException as refusal:  # the server's own: a body that is too large or broken
        return refused(_translated(refusal))
    except asyncio.CancelledError:
        raise  # the client is gone: nobody reads an answer
    except ClientConnectionResetError:
        # The same, noticed by writing before the server notices, which would log it as an error.
        raise asyncio.CancelledError from None
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("%s %s failed (%s)", request.method, request.rel_url.raw_path, reference)
        return replies.text(f"Internal: something went wrong here (reference {reference})", 500)


def refused(refusal: Refusal) -> web.Response:
    response = replies.text(f"{refusal.title}: {refusal.message}", refusal.status)
    if isinstance(refusal, Busy | Unavailable):
        response.headers["Retry-After"] = str(max(1, math.ceil(refusal.retry_after_s)))
    if isinstance(refusal, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(refusal.allowed)
    return response


def _translated(error: web.HTTPException) -> Refusal:
    if error.status == TooLarge.status:
        return TooLarge("the body is too large")
    return Invalid(error.text or error.reason)

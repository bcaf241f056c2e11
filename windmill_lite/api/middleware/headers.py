"""The headers every answer carries, streams included. Who answers may set a stricter one first."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from windmill_lite.api.middleware.routing import is_ours

#: For the UI: nothing from elsewhere, no inline scripts, nobody may frame it.
UI_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
#: For the API: an answer that is opened as a page can load and do nothing.
API_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"

ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Server": "windmill-lite",
}


async def secure(request: web.Request, response: web.StreamResponse) -> None:
    """Runs when an answer's headers are about to be sent."""
    headers = response.headers
    for name, value in ALWAYS.items():
        headers[name] = value
    if is_ours(request.rel_url.raw_path):
        headers.setdefault("Cache-Control", "no-store")
        headers.setdefault("Content-Security-Policy", API_POLICY)
    else:
        headers.setdefault("Content-Security-Policy", UI_POLICY)

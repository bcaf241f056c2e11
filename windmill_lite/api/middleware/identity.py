"""Who asks, and may this token do that? The only place that reads tokens.

A token comes in the header `Authorization: Bearer`, in the cookie `token` or in the query as
`token`. A cookie is sent by the browser whoever made the page, so a change asked with one must come
from our own pages (`_require_same_origin`).
"""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from aiohttp import web

from windmill_lite.api.call import Call
from windmill_lite.api.middleware import CALL, Handler
from windmill_lite.api.route import Level
from windmill_lite.base.errors import Denied, NotFound, Unauthenticated
from windmill_lite.core import token_scopes
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine import login as logins
from windmill_lite.model.identity import Login

COOKIE = "token"


@web.middleware
async def identity(request: web.Request, handler: Handler) -> web.StreamResponse:
    call = request[CALL]
    access = call.route.access
    if access.level is Level.PUBLIC:
        if access.action is not Action.READ:
            _require_same_origin(request, call.world.base_url)
        return await handler(request)
    token = token_of(request)
    if access.level is Level.LINK:
        await _notice(call, token)
        return await handler(request)
    if token is None:
        raise Unauthenticated("log in, or send a token as `Authorization: Bearer <token>`")
    if access.action is not Action.READ and by_cookie(request):
        _require_same_origin(request, call.world.base_url)
    await _recognise(call, token)
    return await handler(request)


async def _notice(call: Call, token: str | None) -> None:
    """Who is logged in, for an address that anybody may ask; who is not a member is nobody. No page
    of another site knows the signature in such an address.
    """
    if token is None:
        return
    with suppress(Unauthenticated, NotFound):
        found = await logins.identify(call.world, token, call.params["workspace"], lambda _: None)
        call.login_or_none, call.scope_or_none = found


async def _recognise(call: Call, token: str) -> None:
    access = call.route.access
    need = access.need(call.params)

    def check(login: Login) -> None:
        if need is not None:
            token_scopes.require(login, need)

    if access.level is Level.WORKSPACE:
        workspace = call.params["workspace"]
        found = await logins.identify(call.world, token, workspace, check)
        call.login_or_none, call.scope_or_none = found
        return
    call.login_or_none = login = await logins.authenticate(call.world, token)
    check(login)


def token_of(request: web.Request) -> str | None:
    """The token, from the first place that has one; surrounding blanks do not count."""
    header = request.headers.get("Authorization", "")
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip()
    token = request.cookies.get(COOKIE) or request.query.get("token") or ""
    return token.strip() or None


def by_cookie(request: web.Request) -> bool:
    return not request.headers.get("Authorization") and bool(request.cookies.get(COOKIE))


def _require_same_origin(request: web.Request, base_url: str) -> None:
    """Fails: `Denied` when a browser says that another site's page asks.

    Programs send neither header. Browsers say `Sec-Fetch-Site` where the connection is trustworthy,
    and `Origin` with every change; where they say neither, the cookie's SameSite has decided.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site == "same-origin":
            return
        raise Denied("this request comes from another site's page")
    origin = request.headers.get("Origin")
    if origin is None or origin == base_url or urlsplit(origin).netloc == request.host:
        return
    raise Denied("this request comes from another site's page")

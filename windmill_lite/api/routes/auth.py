"""Logging in and out, and the first admin."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies
from windmill_lite.api.call import Call
from windmill_lite.api.middleware.identity import COOKIE, token_of
from windmill_lite.api.route import GET, POST, PUBLIC, PUBLIC_CHANGE
from windmill_lite.api.shapes.people import Credentials, Setup, SetupNeeded
from windmill_lite.engine import login, setup
from windmill_lite.model.limits import SESSION_S


@POST("/api/auth/login", "login", PUBLIC_CHANGE, body=Credentials)
async def log_in(call: Call) -> web.Response:
    """Log in; the answer is a session's token."""
    given = await call.body(Credentials)
    address = call.request.remote or "unknown"
    token = await login.log_in(call.world, given.email, given.password, address=address)
    return _session(call, token, 200)


@POST("/api/auth/logout", "logout", PUBLIC_CHANGE)
async def log_out(call: Call) -> web.Response:
    """End the session of the token that is sent."""
    token = token_of(call.request)
    if token is not None:
        await login.log_out(call.world, token)
    response = replies.text("logged out")
    response.del_cookie(COOKIE)
    return response


@GET("/api/auth/is_password_login_disabled", "isPasswordLoginDisabled", PUBLIC, reply=bool)
async def password_login_disabled(_call: Call) -> web.Response:
    """Whether passwords are refused."""
    return replies.json(value=False)


@GET("/api/auth/setup_needed", "setupNeeded", PUBLIC, reply=SetupNeeded)
async def setup_needed(call: Call) -> web.Response:
    """Whether the first admin is still to be made."""
    return replies.json({"needed": await setup.setup_needed(call.world)})


@POST("/api/auth/setup", "setup", PUBLIC_CHANGE, body=Setup, status=201)
async def set_up(call: Call) -> web.Response:
    """Make the first admin, with the token of the setup link."""
    given = await call.body(Setup)
    token = await setup.set_up(
        call.world,
        setup_token=given.token,
        email=given.email,
        password=given.password,
        name=given.name,
    )
    return _session(call, token, 201)


def _session(call: Call, token: str, status: int) -> web.Response:
    """The token as text for programs and as a cookie for browsers.

    Strict: the pages hold no secrets and are served without it; their own requests are same-site.
    """
    response = replies.text(token, status)
    response.set_cookie(
        COOKIE,
        token,
        max_age=SESSION_S,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=call.world.base_url.startswith("https:"),
    )
    return response

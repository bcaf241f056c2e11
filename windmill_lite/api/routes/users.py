"""Accounts of the instance."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies, wire
from windmill_lite.api.call import Call
from windmill_lite.api.middleware.identity import token_of
from windmill_lite.api.params import Paged
from windmill_lite.api.route import ANY_LOGIN, GET, POST, login
from windmill_lite.api.shapes.people import GlobalUser, NewAccount, NewPassword
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine import accounts

READ = login("users", Action.READ)
OWN = login("users", Action.OWN)


@GET("/api/users/whoami", "globalWhoami", ANY_LOGIN, reply=GlobalUser)
async def whoami(call: Call) -> web.Response:
    """Who holds this token."""
    return replies.json(wire.global_user(call.login))


@GET("/api/users/email", "getCurrentEmail", ANY_LOGIN)
async def email(call: Call) -> web.Response:
    """The email of who holds this token."""
    return replies.text(call.login.email)


@GET("/api/users/exists/{email}", "existsEmail", READ, reply=bool)
async def exists(call: Call) -> web.Response:
    """Whether there is an account with this email."""
    return replies.json(await accounts.exists(call.world, call.params["email"]))


@POST("/api/users/create", "createUserGlobally", OWN, body=NewAccount, status=201)
async def create(call: Call) -> web.Response:
    """Make an account (super admins)."""
    new = await call.body(NewAccount)
    await accounts.create_account(
        call.world,
        call.login,
        email=new.email,
        password=new.password,
        name=new.name,
        super_admin=new.super_admin,
    )
    return replies.text(f"user {new.email} created", 201)


@GET(
    "/api/users/list_as_super_admin",
    "listUsersAsSuperAdmin",
    READ,
    query=Paged,
    reply=list[GlobalUser],
)
async def list_accounts(call: Call) -> web.Response:
    """Every account (super admins)."""
    page = call.query(Paged).as_page()
    found = await accounts.list_accounts(call.world, call.login, page)
    return replies.json([wire.global_user(account) for account in found])


@POST("/api/users/setpassword", "setPassword", OWN, body=NewPassword)
async def set_password(call: Call) -> web.Response:
    """Change one's own password; other sessions end."""
    new = await call.body(NewPassword)
    token = token_of(call.request) or ""
    await accounts.set_password(call.world, call.login, new.password, token=token)
    return replies.text("password updated")

"""Accounts of the instance."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies, wire
from windmill_lite.api.call import Call
from windmill_lite.api.middleware.identity import token_of
from windmill_lite.api.params import Paged
from windmill_lite.api.route import ANY_LOGIN, RouteDef, login
from windmill_lite.api.shapes.people import GlobalUser, NewAccount, NewPassword
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine import accounts


async def whoami(call: Call) -> web.Response:
    return replies.json(wire.global_user(call.login))


async def email(call: Call) -> web.Response:
    return replies.text(call.login.email)


async def exists(call: Call) -> web.Response:
    return replies.json(await accounts.exists(call.world, call.params["email"]))


async def create(call: Call) -> web.Response:
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


async def list_accounts(call: Call) -> web.Response:
    page = call.query(Paged).as_page()
    found = await accounts.list_accounts(call.world, call.login, page)
    return replies.json([wire.global_user(account) for account in found])


async def set_password(call: Call) -> web.Response:
    new = await call.body(NewPassword)
    token = token_of(call.request) or ""
    await accounts.set_password(call.world, call.login, new.password, token=token)
    return replies.text("password updated")


def routes() -> list[RouteDef]:
    return [
        RouteDef(
            "GET",
            "/api/users/whoami",
            "globalWhoami",
            "Who holds this token",
            ANY_LOGIN,
            whoami,
            reply=GlobalUser,
        ),
        RouteDef(
            "GET",
            "/api/users/email",
            "getCurrentEmail",
            "The email of who holds this token",
            ANY_LOGIN,
            email,
        ),
        RouteDef(
            "GET",
            "/api/users/exists/{email}",
            "existsEmail",
            "Whether there is an account with this email",
            login("users", Action.READ),
            exists,
            reply=bool,
        ),
        RouteDef(
            "POST",
            "/api/users/create",
            "createUserGlobally",
            "Make an account (super admins)",
            login("users", Action.OWN),
            create,
            body=NewAccount,
            status=201,
        ),
        RouteDef(
            "GET",
            "/api/users/list_as_super_admin",
            "listUsersAsSuperAdmin",
            "Every account (super admins)",
            login("users", Action.READ),
            list_accounts,
            query=Paged,
            reply=list[GlobalUser],
        ),
        RouteDef(
            "POST",
            "/api/users/setpassword",
            "setPassword",
            "Change one's own password; other sessions end",
            login("users", Action.OWN),
            set_password,
            body=NewPassword,
        ),
    ]

"""One's own tokens."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies
from windmill_lite.api.call import Call
from windmill_lite.api.params import Paged, microseconds
from windmill_lite.api.replies import present
from windmill_lite.api.route import DELETE, GET, POST, login
from windmill_lite.api.shapes.people import NewTokenBody, Token
from windmill_lite.api.wire import maybe_moment, moment
from windmill_lite.base.codec import Json
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine import tokens
from windmill_lite.engine.tokens import OwnToken
from windmill_lite.model.identity import NewToken

OWN = login("users", Action.OWN)
READ = login("users", Action.READ)


class TokensQuery(Paged):
    exclude_ephemeral: bool = False  # without the sessions of browsers


@POST("/api/users/tokens/create", "createToken", OWN, body=NewTokenBody, status=201)
async def create(call: Call) -> web.Response:
    """Make a token; it is told this once."""
    asked = await call.body(NewTokenBody)
    new = NewToken(
        label=asked.label,
        expires_at=microseconds(asked.expiration),
        workspace=asked.workspace_id,
        scopes=None if asked.scopes is None else tuple(asked.scopes),
        read_only=asked.read_only,
    )
    return replies.text(await tokens.create(call.world, call.login, new), 201)


@GET("/api/users/tokens/list", "listTokens", READ, query=TokensQuery, reply=list[Token])
async def list_tokens(call: Call) -> web.Response:
    """One's own tokens, without the secret part."""
    query = call.query(TokensQuery)
    found = await tokens.listed(
        call.world, call.login, query.as_page(), sessions=not query.exclude_ephemeral
    )
    lines = [told(call, token) for token in found]
    return replies.json(lines)


def told(call: Call, token: OwnToken) -> dict[str, Json]:
    """One of the caller's tokens, without its secret part."""
    return present(
        token_prefix=token.prefix,
        label=token.label,
        created_at=moment(token.created_at),
        last_used_at=moment(token.last_used_at),
        expiration=maybe_moment(token.expires_at),
        scopes=None if token.scopes is None else list(token.scopes),
        workspace_id=token.workspace,
        read_only=token.read_only,
        email=call.login.email,
    )


@DELETE("/api/users/tokens/delete/{token_prefix}", "deleteToken", OWN)
async def delete(call: Call) -> web.Response:
    """End the tokens that begin with these ten characters."""
    count = await tokens.delete(call.world, call.login, call.params["token_prefix"])
    return replies.text(f"{count} tokens deleted")

"""What a route is: one row of the table from which requests, permissions and OpenAPI are made."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import Enum
from types import ModuleType
from typing import Any, Literal, TypedDict, Unpack

from aiohttp import web
from pydantic import BaseModel

from windmill_lite.api.call import Call
from windmill_lite.core.token_scopes import Action, Need

Handler = Callable[[Call], Coroutine[Any, Any, web.StreamResponse]]


class Level(Enum):
    """Who may call at all, before scopes."""

    PUBLIC = "public"  # anyone
    LINK = "link"  # anyone with a signed address; who is logged in is known, too
    LOGIN = "login"  # the holder of a good token
    WORKSPACE = "workspace"  # a member of the workspace in the path


class Lane(Enum):
    """Which bound on requests at once applies (see `middleware/limits.py`)."""

    HEALTH = "health"  # never refused
    SHORT = "short"
    LONG = "long"  # waits for a job


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a route, and how far a token must reach.

    `domain` None asks nothing of the token's scopes. `path_in` says where the path is that a
    path-limited scope is compared with; without one, such a scope does not reach the route.
    """

    level: Level
    action: Action = Action.READ
    domain: str | None = None
    kind: str | None = None
    path_in: Literal["url", "body"] | None = None

    def need(self, params: Mapping[str, str]) -> Need | None:
        """What the request asks of the token; None when that is known only from its body."""
        if self.domain is None or self.path_in == "body":
            return None
        path = params.get("path") if self.path_in == "url" else None
        return Need(self.domain, self.action, self.kind, path)

    def need_of_body(self, path: str) -> Need | None:
        if self.domain is None or self.path_in != "body":
            return None
        return Need(self.domain, self.action, self.kind, path)


PUBLIC = Access(Level.PUBLIC)
PUBLIC_CHANGE = Access(Level.PUBLIC, Action.WRITE)  # logging in and out
LINK = Access(Level.LINK)  # the signature in the address is the right
ANY_LOGIN = Access(Level.LOGIN)  # whoever one is; says nothing but that
ANY_MEMBER = Access(Level.WORKSPACE)


def login(domain: str, action: Action) -> Access:
    """For the holder of a token that reaches `domain`."""
    return Access(Level.LOGIN, action, domain)


def member(
    domain: str,
    action: Action,
    *,
    kind: str | None = None,
    path_in: Literal["url", "body"] | None = None,
) -> Access:
    """For a member of the workspace whose token reaches `domain`."""
    return Access(Level.WORKSPACE, action, domain, kind, path_in)


class Kind(Enum):
    """Replies that are no model."""

    TEXT = "text/plain"
    JSON = "application/json"  # any JSON value
    EVENTS = "text/event-stream"
    ARCHIVE = "application/octet-stream"


Reply = Kind | type[BaseModel] | Any  # also `list[Model]`, `bool`, `str`: what a TypeAdapter takes


class Told(TypedDict, total=False):
    """What may be said of a route besides its path, name and access."""

    reply: Reply
    status: int
    query: type[BaseModel]
    body: type[BaseModel]
    args_body: bool
    lane: Lane


@dataclass(frozen=True, slots=True)
class RouteDef:
    """One operation. `{name}` in `path` is one segment, `{name...}` the rest, slashes included.

    `args_body` marks routes whose body is the arguments of a job, in any of the formats of
    `args.py`. `name` is the operation's id in the OpenAPI document, the handler's docstring its
    summary.
    """

    method: str
    path: str
    name: str
    access: Access
    handler: Handler
    _: KW_ONLY
    reply: Reply = Kind.TEXT
    status: int = 200
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    args_body: bool = False
    lane: Lane = Lane.SHORT

    @property
    def summary(self) -> str:
        return (self.handler.__doc__ or "").split("\n", 1)[0].removesuffix(".")

    @property
    def tag(self) -> str:
        """The noun the operation is filed under: `jobs` of `/api/w/{workspace}/jobs_u/get/{id}`."""
        if not self.path.startswith("/api/"):
            return "health"
        rest = self.path.removeprefix("/api/").removeprefix("w/{workspace}/")
        return rest.split("/")[0].removesuffix("_u")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A handler with the rows of the table that lead to it."""

    handler: Handler
    routes: tuple[RouteDef, ...] = ()


@dataclass(frozen=True, slots=True)
class Verb:
    """`@GET(path, name, access, ...)` above a handler, or above another of these, is one row of the
    table. `always` is said of each of its rows, unless the row says otherwise.
    """

    method: str
    always: Told = field(default_factory=Told)

    def told(self, **told: Unpack[Told]) -> Verb:
        """The verb of rows that have this in common."""
        return Verb(self.method, self.always | told)

    def __call__(
        self, path: str, name: str, access: Access, **told: Unpack[Told]
    ) -> Callable[[Handler | Endpoint], Endpoint]:
        def declare(to: Handler | Endpoint) -> Endpoint:
            known = to if isinstance(to, Endpoint) else Endpoint(to)
            said = self.always | told
            route = RouteDef(self.method, path, name, access, known.handler, **said)
            return Endpoint(known.handler, (route, *known.routes))

        return declare


GET, POST, DELETE = Verb("GET"), Verb("POST"), Verb("DELETE")


def declared(module: ModuleType) -> Iterator[RouteDef]:
    """The routes to the handlers of a module, in the order in which they are written."""
    for value in vars(module).values():
        if isinstance(value, Endpoint):
            yield from value.routes

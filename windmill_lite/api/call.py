"""One request on its way: which route, who asks, and its parts read into models."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel

from windmill_lite.api import bodies, params
from windmill_lite.base.errors import Bug, NotFound
from windmill_lite.core import token_scopes
from windmill_lite.engine.world import World
from windmill_lite.model.identity import Login
from windmill_lite.store.people.scope import Scope

if TYPE_CHECKING:
    from windmill_lite.api.route import RouteDef

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
P = ParamSpec("P")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Door:
    """What lives as long as the application: the world, and what is under way."""

    world: World
    table: tuple[RouteDef, ...] = ()
    described: str = ""  # the OpenAPI document, made when it is first asked for
    closing: bool = False  # the server stops: a wait that ends now is not its caller's doing
    streams: set[asyncio.Task[Any]] = field(default_factory=set)  # ended first at a stop
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)  # outlive what began them

    async def shielded(self, work: Coroutine[Any, Any, T]) -> T:
        """The work's own answer; when the caller goes away first, the work still ends."""
        return await asyncio.shield(self.spawn(work))

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Work that is finished even when the request that asked for it goes away."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.debug("work of a request failed", exc_info=task.exception())


DOOR: web.AppKey[Door] = web.AppKey("door", Door)


@dataclass(slots=True)
class Call:
    """Given to every handler. `login` and `scope` are there when the route's access says so."""

    request: web.Request
    door: Door
    route: RouteDef
    params: dict[str, str]  # of the path, decoded
    login_or_none: Login | None = None
    scope_or_none: Scope | None = None

    @property
    def world(self) -> World:
        return self.door.world

    @property
    def login(self) -> Login:
        if self.login_or_none is None:
            raise Bug(f"{self.route.path} reads a login but is public")
        return self.login_or_none

    @property
    def scope(self) -> Scope:
        if self.scope_or_none is None:
            raise Bug(f"{self.route.path} reads a scope outside a workspace")
        return self.scope_or_none

    async def read(
        self,
        read: Callable[Concatenate[Any, Scope, P], Awaitable[T]],
        *args: P.args,
        **more: P.kwargs,
    ) -> T:
        """What a function of the people's door finds for who asks."""
        async with self.world.db.view() as view:
            return await read(view, self.scope, *args, **more)

    async def found(
        self,
        missing: str,
        read: Callable[Concatenate[Any, Scope, P], Awaitable[T | None]],
        *args: P.args,
        **more: P.kwargs,
    ) -> T:
        """The same. Fails: `NotFound`, which says what is `missing`, when that is nothing."""
        found = await self.read(read, *args, **more)
        if found is None:
            raise NotFound(missing)
        return found

    @property
    def path(self) -> str:
        return self.params["path"]

    def uuid(self, name: str = "id") -> UUID:
        """Fails: `Invalid`, naming the parameter."""
        return params.uuid_of(self.params[name], name)

    def query(self, model: type[M]) -> M:
        """What the route declares, which is `model` or more. Unknown parameters are ignored.

        Fails: `Invalid`, naming the parameter.
        """
        declared = self.route.query
        if declared is None or not issubclass(declared, model):
            raise Bug(f"{self.route.path} reads a query it does not declare")
        return params.read_query(declared, self.request)

    async def body(self, model: type[M]) -> M:
        """Fails: `Invalid` naming the field, `TooLarge`, `Unsupported`, `Denied`."""
        if self.route.body is not model:
            raise Bug(f"{self.route.path} reads a body it does not declare")
        value = await bodies.read_model(model, self.request)
        need = self.route.access.need_of_body(getattr(value, "path", None) or "")
        if need is not None:
            token_scopes.require(self.login, need)
        return value

"""Finds the route and hands the request on as a `Call`; everything outside /api is the UI's."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api.call import DOOR, Call
from windmill_lite.api.middleware import CALL, Handler, Middleware
from windmill_lite.api.middleware.errors import MethodNotAllowed
from windmill_lite.api.route import Lane, RouteDef
from windmill_lite.api.router import Router
from windmill_lite.core.token_scopes import Action


def routing(router: Router, ui: Handler) -> Middleware:
    """The middleware for one table of routes and one way to serve the rest."""

    @web.middleware
    async def route(request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.rel_url.raw_path
        if not is_ours(path):
            return await ui(request)
        found = router.find(path)
        chosen = _choose(request.method, found.routes)
        if request.method == "HEAD" and (runs(chosen) or chosen.lane is Lane.LONG):
            return web.Response()  # somebody asks whether the webhook is there; nothing runs
        names = router.names(chosen)
        params = dict(zip(names, found.values, strict=True))
        request[CALL] = Call(request, request.app[DOOR], chosen, params)
        return await handler(request)

    return route


def is_ours(path: str) -> bool:
    """Whether the API answers, be it with 404. Nothing under /api is ever the UI's."""
    return path.startswith("/api/") or path in ("/api", "/healthz", "/readyz")


def runs(route: RouteDef) -> bool:
    """Whether the route starts a job."""
    return route.access.action is Action.RUN


def _choose(method: str, routes: dict[str, RouteDef]) -> RouteDef:
    chosen = routes.get(method)
    if chosen is None and method == "HEAD":
        chosen = routes.get("GET") or next((r for r in routes.values() if runs(r)), None)
    if chosen is None:
        allowed = tuple(sorted(routes))
        raise MethodNotAllowed(
            f"{method} is not answered here; {' and '.join(allowed)} is", allowed=allowed
        )
    return chosen


async def dispatch(request: web.Request) -> web.StreamResponse:
    """The end of the way: the route's own handler.

    What changes something is finished even when the client goes away in the middle; what reads, and
    what waits for a job, ends with its client.
    """
    call = request[CALL]
    route = call.route
    if route.access.action is Action.READ or route.lane is Lane.LONG:
        return await route.handler(call)
    return await call.door.shielded(route.handler(call))

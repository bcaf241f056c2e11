"""The table of contents of the HTTP door: what every request passes, and what there is to ask."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from windmill_lite.api.call import DOOR, Door
from windmill_lite.api.middleware.access_log import access_log
from windmill_lite.api.middleware.errors import errors
from windmill_lite.api.middleware.headers import secure
from windmill_lite.api.middleware.identity import identity
from windmill_lite.api.middleware.limits import LANE_MAX, Bound, limits
from windmill_lite.api.middleware.routing import dispatch, routing
from windmill_lite.api.route import Lane, RouteDef, declared
from windmill_lite.api.router import Router
from windmill_lite.api.routes import (
    auth,
    description,
    groups,
    health,
    jobs_list,
    jobs_read,
    jobs_run,
    jobs_stop,
    jobs_updates,
    jobs_wait,
    members,
    retention,
    schedules,
    scripts_read,
    scripts_write,
    settings,
    tokens,
    users,
    workers,
    workspaces,
)
from windmill_lite.api.routes.flows import approve, drafts, restart
from windmill_lite.api.routes.flows import read as flows_read
from windmill_lite.api.routes.flows import run as flows_run
from windmill_lite.api.routes.flows import states as flows_states
from windmill_lite.api.routes.flows import tree as flows_tree
from windmill_lite.api.routes.flows import wait as flows_wait
from windmill_lite.api.routes.flows import write as flows_write
from windmill_lite.api.routes.jobs import again, counts, starts
from windmill_lite.api.routes.values import resource_types, resources, variables
from windmill_lite.api.static import Ui
from windmill_lite.engine.world import World
from windmill_lite.model.limits import BODY_BYTES_MAX

_ROUTES = (
    health, description, auth, users, tokens, workspaces, members, groups, retention,
    scripts_read, scripts_write, flows_read, flows_write, drafts,
    jobs_run, jobs_wait, flows_run, flows_wait, flows_states, flows_tree, approve, restart,
    jobs_list, jobs_read, jobs_updates, jobs_stop, again, counts, starts,
    variables, resources, resource_types, schedules, workers, settings,
)  # fmt: skip


def table() -> tuple[RouteDef, ...]:
    """Every operation."""
    return tuple(route for module in _ROUTES for route in declared(module))


def make_app(
    world: World, *, ui: Path | None, lane_max: Mapping[Lane, Bound] = LANE_MAX
) -> web.Application:
    """The application. `ui` is the folder of the built UI, None when it is not built."""
    router = Router(table())
    app = web.Application(
        client_max_size=BODY_BYTES_MAX,
        middlewares=(
            access_log,
            errors,
            routing(router, Ui(ui).serve),
            limits(lane_max),
            identity,
        ),
    )
    app[DOOR] = Door(world, router.table)
    app.router.add_route("*", "/{tail:.*}", dispatch)
    app.on_response_prepare.append(secure)
    app.on_shutdown.append(_close)
    return app


async def _close(app: web.Application) -> None:
    """Nobody new comes in any more: streams end, so that their clients ask elsewhere."""
    door = app[DOOR]
    door.closing = True
    for task in door.streams:
        task.cancel()

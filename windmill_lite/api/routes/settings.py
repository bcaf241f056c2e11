"""Settings that Windmill's clients ask for before they do their work; only the hub is set here."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies
from windmill_lite.api.call import Call
from windmill_lite.api.route import GET, Kind, login
from windmill_lite.base.errors import NotFound
from windmill_lite.core.token_scopes import Action

#: Asked for by the CLI; null means: not set.
UNSET = frozenset({"automate_username_creation", "uid"})


READ = login("settings", Action.READ)


@GET("/api/settings/global/{key}", "getGlobal", READ, reply=Kind.JSON)
async def get_global(call: Call) -> web.Response:
    """A setting of the instance."""
    key = call.params["key"]
    if key == "hub_base_url":
        return replies.json(call.world.hub.url)
    if key not in UNSET:
        raise NotFound(f"there is no setting {key}")
    return replies.json(None)

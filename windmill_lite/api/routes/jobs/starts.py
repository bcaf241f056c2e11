"""What starts a script or a flow from outside: its schedules, and tokens made for it."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies
from windmill_lite.api.call import Call
from windmill_lite.api.replies import present
from windmill_lite.api.route import GET, member
from windmill_lite.api.routes.tokens import told
from windmill_lite.api.shapes.people import Token, TriggersCount
from windmill_lite.core import token_scopes
from windmill_lite.core.token_scopes import Action, Need
from windmill_lite.engine import tokens
from windmill_lite.engine.tokens import OwnToken
from windmill_lite.model.limits import PAGE_SIZE_MAX
from windmill_lite.model.page import Page
from windmill_lite.model.schedule import ScheduleFilter
from windmill_lite.store.people import schedules

_W = "/api/w/{workspace}"
_ALL = Page(1, PAGE_SIZE_MAX)
_COUNT = GET.told(reply=TriggersCount)
READ_SCRIPT = member("scripts", Action.READ, path_in="url")
READ_FLOW = member("flows", Action.READ, path_in="url")


@GET(f"{_W}/scripts/list_tokens/{{path...}}", "listTokensOfScript", READ_SCRIPT, reply=list[Token])
@GET(f"{_W}/flows/list_tokens/{{path...}}", "listTokensOfFlow", READ_FLOW, reply=list[Token])
async def list_tokens(call: Call) -> web.Response:
    """One's own tokens that were made to run this script or flow."""
    return replies.json([told(call, token) for token in await _tokens(call)])


@_COUNT(f"{_W}/scripts/get_triggers_count/{{path...}}", "getTriggersCountOfScript", READ_SCRIPT)
@_COUNT(f"{_W}/flows/get_triggers_count/{{path...}}", "getTriggersCountOfFlow", READ_FLOW)
async def count(call: Call) -> web.Response:
    """How many schedules and tokens start this script or flow."""
    asked = ScheduleFilter(script_path=call.path, is_flow=_kind(call) == "flows")
    found = await call.read(schedules.list_schedules, asked, _ALL)
    primary = next(({"schedule": each.cron} for each in found if each.path == call.path), None)
    webhooks = len(await _tokens(call))
    counted = present(primary_schedule=primary, schedule_count=len(found), webhook_count=webhooks)
    return replies.json(counted)


async def _tokens(call: Call) -> list[OwnToken]:
    """Limited ones, whose scopes reach it."""
    need = Need("jobs", Action.RUN, _kind(call), call.path)
    found = await tokens.listed(call.world, call.login, _ALL, sessions=False)
    here = [token for token in found if token.workspace in (None, call.scope.workspace)]
    return [each for each in here if each.scopes and token_scopes.granted(each.scopes, need)]


def _kind(call: Call) -> str:
    return call.route.tag

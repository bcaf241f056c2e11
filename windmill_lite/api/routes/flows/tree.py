"""A whole run of a flow at once: the logs and the results of all its jobs, in their order."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from pydantic import Field

from windmill_lite.api import replies, wire
from windmill_lite.api.call import Call
from windmill_lite.api.params import Line, Query
from windmill_lite.api.route import GET, member
from windmill_lite.api.shapes.flows import AllResults, StepLogs
from windmill_lite.base.codec import Json
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.flows.shown.tree import Node, Tree, tree_of
from windmill_lite.model.limits import FLOW_LOGS_CHARS, RESULT_PREFIX_MAX
from windmill_lite.store.people import jobs

BASE = "/api/w/{workspace}/jobs_u"
READ = member("jobs", Action.READ)


class ResultsQuery(Query):
    max_result_len: Annotated[int, Field(ge=0, le=RESULT_PREFIX_MAX)] = 500  # characters
    step: Line | None = None  # its id, or the way to it: `loop/a`


@GET(f"{BASE}/get_flow_all_logs/{{id}}", "getFlowAllLogs", READ)
async def all_logs(call: Call) -> web.Response:
    """The logs of a run of a flow and of all that ran inside of it, one after the other."""
    tree = await tree_of(call.world, call.scope, call.uuid())
    told = zip(tree.nodes, await _logs(call, tree), strict=True)
    return replies.text(
        "\n".join(f"== {node.label} ({node.job.id}) ==\n{log}" for node, log in told)
    )


@GET(
    f"{BASE}/get_flow_all_logs_structured/{{id}}",
    "getFlowAllLogsStructured",
    READ,
    reply=list[StepLogs],
)
async def all_logs_structured(call: Call) -> web.Response:
    """The same, with where each job is in the flow."""
    tree = await tree_of(call.world, call.scope, call.uuid())
    logs = await _logs(call, tree)
    told = [_head(node) | {"logs": log} for node, log in zip(tree.nodes, logs, strict=True)]
    return replies.json(told)


async def _logs(call: Call, tree: Tree) -> list[str]:
    """Whole until the room for all of them is used up."""
    room, found = FLOW_LOGS_CHARS, list[str]()
    async with call.world.db.view() as view:
        for node in tree.nodes:
            log = (await jobs.logs(view, call.scope, node.job.id) or "") if room else ""
            found.append(log[:room])
            room -= len(found[-1])
    return found


@GET(
    f"{BASE}/get_flow_all_results/{{id}}",
    "getFlowAllResults",
    READ,
    query=ResultsQuery,
    reply=AllResults,
)
async def all_results(call: Call) -> web.Response:
    """How every job of a run of a flow ended, with the beginning of its result."""
    query = call.query(ResultsQuery)
    tree = await tree_of(call.world, call.scope, call.uuid(), chars=query.max_result_len)
    step, error = query.step, None
    nodes = [node for node in tree.nodes if step is None or _is_in(node, step)]
    if not nodes:
        known = dict.fromkeys(node.place for node in tree.nodes if node.place)
        error = f"no step {step} has run; there are: {', '.join(known) or 'none'}"
    told = replies.present(
        entries=[_head(node) | _ending(node) for node in nodes],
        enclosing_job=None if tree.around is None else str(tree.around),
        truncated=tree.cut or None,
        step_error=error,
    )
    return replies.json(told)


def _is_in(node: Node, step: str) -> bool:
    return f"/{step}/" in f"/{node.place}/"


def _head(node: Node) -> dict[str, Json]:
    return replies.present(
        job_id=str(node.job.id),
        label=node.label,
        kind=node.job.kind.value,
        depth=node.depth,
        sibling_index=node.number,
        sibling_count=node.count,
        flow_step_id=node.place.rpartition("/")[2] or None,
        step_path=node.place or None,
        parent_module_type=node.place_in,
    )


def _ending(node: Node) -> dict[str, Json]:
    job = node.job
    return replies.present(
        status=job.status,
        success=None if job.outcome is None else job.outcome.is_good,
        duration_ms=job.duration_ms,
        started_at=wire.maybe_moment(job.started_at),
        result_prefix=job.result,
        result_length=job.result_length,
    )

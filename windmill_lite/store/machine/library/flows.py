"""Flow versions: reading what runs, writing a new one."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from windmill_lite.model.flow import FlowVersion
from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.rows import flow_of

Q = load(__package__, "flows.sql")


async def head(view: View, workspace: str, path: str) -> FlowVersion | None:
    row = await view.one(Q.head, workspace=workspace, path=path)
    return flow_of(row) if row else None


async def version(view: View, workspace: str, id: int) -> FlowVersion | None:
    row = await view.one(Q.version, workspace=workspace, id=id)
    return flow_of(row) if row else None


async def uses(view: View, workspace: str, paths: Collection[str]) -> Mapping[str, list[str]]:
    """What the newest version of each of these flows names; a flow that is not there is missing."""
    if not paths:
        return {}
    rows = await view.all(Q.uses, workspace=workspace, paths=tuple(paths))
    return {row["path"]: json.loads(row["uses"]) for row in rows}


async def next_id(tx: Tx, workspace: str) -> int:
    """The number of the version that is about to be deployed. Whoever else deploys a flow there
    waits until this transaction has ended: so ask for it before looking at what is deployed.
    """
    await tx.run(Q.next_id, workspace=workspace)
    row = await tx.one(Q.last_id, workspace=workspace)
    assert row is not None, "it was counted before"
    id: int = row["last"]
    return id


async def insert(tx: Tx, flow: FlowVersion) -> None:
    """Makes this version the head of its path."""
    await tx.run(Q.unhead, workspace=flow.workspace, path=flow.path)
    await tx.run(
        Q.insert_version,
        workspace=flow.workspace,
        id=flow.id,
        path=flow.path,
        summary=flow.summary,
        description=flow.description,
        value=flow.value,
        uses=flow.uses,
        schema=flow.schema,
        tag=flow.tag,
        options=flow.options,
        created_by=flow.created_by,
        created_at=flow.created_at,
        deployment_message=flow.deployment_message,
    )


async def move(tx: Tx, workspace: str, path: str, to_path: str) -> None:
    """With the schedules that start it. The caller has looked what is at the other path."""
    await tx.run(Q.unhead, workspace=workspace, path=to_path)
    await tx.run(Q.move, workspace=workspace, path=path, to_path=to_path)
    await tx.run(Q.move_schedules, workspace=workspace, path=path, to_path=to_path)


async def set_archived(tx: Tx, workspace: str, path: str, *, archived: bool) -> bool:
    return bool(await tx.run(Q.set_archived, workspace=workspace, path=path, archived=archived))


async def describe(tx: Tx, workspace: str, id: int, message: str) -> bool:
    return bool(await tx.run(Q.describe, workspace=workspace, id=id, message=message))


async def delete(tx: Tx, workspace: str, path: str) -> bool:
    return bool(await tx.run(Q.delete, workspace=workspace, path=path))


async def has_live_runs(view: View, workspace: str, path: str) -> bool:
    return await view.one(Q.live_runs, workspace=workspace, path=path) is not None

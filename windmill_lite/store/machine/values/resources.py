"""Resources and their types, one statement each."""

from __future__ import annotations

from dataclasses import asdict

from windmill_lite.base.codec import dumps
from windmill_lite.model.resource import Resource, ResourceType
from windmill_lite.store.db.port import Tx, Value, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.rows import resource_of, resource_type_of

Q = load(__package__, "resources.sql")


async def get(view: View, workspace: str, path: str) -> Resource | None:
    row = await view.one(Q.resource, workspace=workspace, path=path)
    return resource_of(row) if row else None


async def insert(tx: Tx, resource: Resource) -> bool:
    """False, and nothing changed, when the path is taken."""
    columns = _columns(resource) | {"created_by": resource.created_by}
    return bool(await tx.run(Q.insert_resource, **columns))


async def edit(tx: Tx, resource: Resource, *, seen: Resource) -> bool:
    """False, and nothing changed, when `seen` is no longer what is stored."""
    return bool(await tx.run(Q.edit_resource, seen_edited_at=seen.edited_at, **_columns(resource)))


def _columns(resource: Resource) -> dict[str, Value]:
    return {
        "workspace": resource.workspace,
        "path": resource.path,
        "value": resource.value,
        "resource_type": resource.resource_type,
        "description": resource.description,
        "labels": dumps(list(resource.labels)),
        "edited_by": resource.edited_by,
        "edited_at": resource.edited_at,
    }


async def delete(tx: Tx, workspace: str, path: str) -> bool:
    return bool(await tx.run(Q.delete_resource, workspace=workspace, path=path))


async def get_type(view: View, workspace: str, name: str) -> ResourceType | None:
    row = await view.one(Q.resource_type, workspace=workspace, name=name)
    return resource_type_of(row) if row else None


async def insert_type(tx: Tx, made: ResourceType) -> bool:
    """False, and nothing changed, when the name is taken."""
    return bool(await tx.run(Q.insert_type, **asdict(made)))


async def edit_type(tx: Tx, made: ResourceType) -> None:
    await tx.run(
        Q.edit_type,
        workspace=made.workspace,
        name=made.name,
        schema=made.schema,
        description=made.description,
        edited_at=made.edited_at,
    )


async def delete_type(tx: Tx, workspace: str, name: str) -> bool:
    return bool(await tx.run(Q.delete_type, workspace=workspace, name=name))

"""Variables and resources as they are told; the twin of `wire.py` for them."""

from __future__ import annotations

from windmill_lite.api.replies import present, spliced
from windmill_lite.api.wire import moment
from windmill_lite.base.codec import Json
from windmill_lite.model.resource import Resource, ResourceType
from windmill_lite.model.variable import Variable


def variable(found: Variable, *, shown: bool) -> dict[str, Json]:
    """`shown` False leaves the value out."""
    return present(
        workspace_id=found.workspace,
        path=found.path,
        value=found.value if shown else None,
        is_secret=found.is_secret,
        description=found.description,
        labels=list(found.labels) or None,
        is_oauth=False,
        is_expired=False,
        is_draft=False,
        edited_at=moment(found.edited_at),
        edited_by=found.edited_by,
        extra_perms={},
    )


def resource(found: Resource) -> dict[str, Json]:
    """Without its value."""
    return present(
        workspace_id=found.workspace,
        path=found.path,
        resource_type=found.resource_type,
        description=found.description,
        labels=list(found.labels) or None,
        is_oauth=False,
        is_linked=found.is_linked,
        is_refreshed=False,
        created_by=found.created_by,
        edited_by=found.edited_by,
        edited_at=moment(found.edited_at),
        extra_perms={},
    )


def resource_text(found: Resource) -> str:
    """With its value, as JSON text."""
    return spliced(resource(found) | {"is_draft": False}, {"value": found.value})


def resource_type_text(found: ResourceType) -> str:
    head = present(
        workspace_id=found.workspace or None,
        name=found.name,
        description=found.description,
        format_extension=found.format_extension,
        created_by=found.created_by,
        edited_at=None if found.edited_at is None else moment(found.edited_at),
    )
    return spliced(head, {"schema": None if found.schema == "null" else found.schema})

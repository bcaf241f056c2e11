"""Flows as clients read them: see `wire.py`."""

from __future__ import annotations

from windmill_lite.api.replies import present, spliced
from windmill_lite.api.wire import maybe_moment, moment
from windmill_lite.base import codec
from windmill_lite.base.codec import Json
from windmill_lite.model.draft import Draft
from windmill_lite.model.flow import FlowVersion
from windmill_lite.store.people.flows import Version


def flow_head(flow: FlowVersion, *, is_draft: bool = False) -> dict[str, Json]:
    """A version without its definition. What is set below wins over the options it came with."""
    return {
        "ws_error_handler_muted": False,  # clients tell false from absent
        **codec.loads(flow.options),
        **present(
            workspace_id=flow.workspace,
            path=flow.path,
            version_id=flow.id,
            summary=flow.summary,
            description=flow.description,
            tag=flow.tag,
            edited_by=flow.created_by,
            edited_at=moment(flow.created_at),
            archived=flow.archived,
            deployment_msg=flow.deployment_message,
            starred=False,
            extra_perms={},
            is_draft=is_draft,
        ),
    }


def flow_text(flow: FlowVersion, draft: Draft | None = None) -> str:
    """A whole version as JSON text, with the caller's draft of it."""
    head = flow_head(flow, is_draft=draft is not None)
    if draft is not None:
        head |= present(draft_saved_at=maybe_moment(draft.saved_at))
    more = draft.value if draft is not None else None
    return spliced(head, {"value": flow.value, "schema": flow.schema, "draft": more})


def version(entry: Version) -> dict[str, Json]:
    return present(
        id=entry.id,
        created_at=moment(entry.created_at),
        created_by=entry.created_by,
        deployment_msg=entry.deployment_message,
    )


def draft(entry: Draft) -> dict[str, Json]:
    """A line of the list of drafts."""
    return present(
        kind=entry.at.kind,
        path=entry.at.path,
        draft_only=not entry.deployed,
        legacy_draft=False,
        created_at=moment(entry.saved_at),
        can_write=entry.mine,
        mine=entry.mine,
        summary=entry.summary,
        draft_path=entry.new_path,
        draft_users=[{"username": entry.username}],
    )

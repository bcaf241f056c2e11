"""Scripts as clients read them: see `wire.py`."""

from __future__ import annotations

from typing import Any

from windmill_lite.api.replies import present, spliced
from windmill_lite.api.wire import moment
from windmill_lite.base import codec
from windmill_lite.base.codec import Json
from windmill_lite.core.signature import Signature
from windmill_lite.model.draft import Draft
from windmill_lite.model.script import Script
from windmill_lite.store.people.scripts import Version


def script_head(script: Script, parent_hashes: list[str] | None = None) -> dict[str, Json]:
    """A version without its schema. What is set below wins over the options it came with."""
    options = codec.loads(script.options)
    defaults = {
        "is_template": False,
        "has_preprocessor": False,
        "ws_error_handler_muted": False,  # clients tell false from absent
    }
    return {
        **defaults,
        **options,
        **present(
            workspace_id=script.workspace,
            hash=script.hash,
            path=script.path,
            parent_hashes=parent_hashes or ([script.parent_hash] if script.parent_hash else None),
            summary=script.summary,
            description=script.description,
            content=script.content,
            language=script.language,
            kind=script.kind,
            lock=script.lock,
            lock_error_logs=script.lock_error,
            tag=script.tag,
            timeout=script.timeout_s,
            created_by=script.created_by,
            created_at=moment(script.created_at),
            archived=script.archived,
            deleted=script.deleted,
            deployment_msg=script.deployment_message,
            starred=False,
            extra_perms={},
        ),
    }


def script_text(
    script: Script, parent_hashes: list[str], draft: Draft | None = None, *, whole: bool = False
) -> str:
    """A version as JSON text. `draft` is the caller's; it is told itself when asked `whole`."""
    head = script_head(script, parent_hashes) | {"is_draft": draft is not None}
    if draft is None or not whole:
        return spliced(head, {"schema": script.schema})
    head["draft_saved_at"] = moment(draft.saved_at)
    return spliced(head, {"schema": script.schema, "draft": draft.value})


def version(entry: Version) -> dict[str, Json]:
    return present(
        script_hash=entry.hash,
        created_at=moment(entry.created_at),
        created_by=entry.created_by,
        deployment_msg=entry.deployment_message,
    )


def signature(found: Signature) -> dict[str, Json]:
    args: list[dict[str, Any]] = [
        {
            "name": arg.name,
            "has_default": arg.has_default,
            "default": arg.default,
            "kind": arg.kind,
            "description": arg.description,
        }
        for arg in found.args
    ]
    return {
        "args": args,
        "star_args": found.star_args,
        "star_kwargs": found.star_kwargs,
        "no_main_func": found.no_main_func,
        "has_preprocessor": found.has_preprocessor,
        "summary": found.summary,
        "description": found.description,
    }

"""Rows that both doors read, as nouns of the model."""

from __future__ import annotations

from windmill_lite.model.schedule import Schedule
from windmill_lite.model.script import Script
from windmill_lite.store.db.port import Row


def script_of(row: Row) -> Script:
    """A version from a row with all columns of `script`."""
    return Script(
        workspace=row["workspace"],
        hash=row["hash"],
        path=row["path"],
        parent_hash=row["parent_hash"],
        summary=row["summary"],
        description=row["description"],
        content=row["content"],
        language=row["language"],
        kind=row["kind"],
        schema=row["schema"],
        lock=row["lock"],
        lock_error=row["lock_error"],
        tag=row["tag"],
        timeout_s=row["timeout_s"],
        options=row["options"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        deployment_message=row["deployment_message"],
        archived=bool(row["archived"]),
        deleted=bool(row["deleted"]),
        head=bool(row["head"]),
    )


def schedule_of(row: Row) -> Schedule:
    """A schedule from a row with all columns of `schedule`."""
    return Schedule(
        workspace=row["workspace"],
        path=row["path"],
        script_path=row["script_path"],
        cron=row["cron"],
        timezone=row["timezone"],
        enabled=bool(row["enabled"]),
        args=row["args"],
        summary=row["summary"],
        description=row["description"],
        tag=row["tag"],
        no_overlap=bool(row["no_overlap"]),
        paused_until=row["paused_until"],
        options=row["options"],
        edited_by=row["edited_by"],
        edited_at=row["edited_at"],
        permissioned_as=row["permissioned_as"],
        email=row["email"],
        next_at=row["next_at"],
        last_at=row["last_at"],
        error=row["error"],
    )

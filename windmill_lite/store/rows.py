"""Rows that both doors read, as nouns of the model."""

from __future__ import annotations

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

"""Drafts: what is saved, what is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from windmill_lite.api.params import Text
from windmill_lite.api.shapes import Body, Reply


class SaveDraft(Body):
    """What a person is writing; a value of null deletes it."""

    value: Any = None
    last_sync: datetime | None = None  # when the client last saved or read it
    force: bool = False


class SavedDraft(Reply):
    status: Literal["saved", "conflict"]
    current_timestamp: datetime
    path: str | None = None


class DraftValue(Reply):
    value: Any
    created_at: datetime


class DraftOwner(Reply):
    username: str | None


class DraftLine(Reply):
    kind: str
    path: str
    draft_only: bool
    legacy_draft: bool
    created_at: datetime
    can_write: bool
    mine: bool
    summary: str | None = None
    draft_path: str | None = None
    draft_users: list[DraftOwner]


class MoveDraft(Body):
    new_path: Text

"""Variables on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field, RootModel

from windmill_lite.api.params import Line, Text
from windmill_lite.api.shapes import Body, Reply
from windmill_lite.base.errors import Invalid
from windmill_lite.model.variable import NewVariable as New
from windmill_lite.model.variable import VariableChange

BULK_MAX = 1_000  # paths that are deleted with one request


class _Wishes(Body):
    """What a variable can be in Windmill and is not here: a wish is refused, null and false are
    none.
    """

    account: int | None = None
    is_oauth: bool | None = None
    expires_at: datetime | None = None
    ws_specific: bool | None = None

    def refuse(self) -> None:
        """Fails: `Invalid`, naming the first field that asks for what is not done here."""
        for name in ("account", "is_oauth", "expires_at", "ws_specific"):
            if getattr(self, name):
                raise Invalid(f"{name}: variables cannot have this here", field=name)


class CreateVariable(_Wishes):
    """A variable to make."""

    path: Text
    value: Text
    is_secret: bool
    description: Text | None = None
    labels: list[Line] | None = None

    def as_new(self, *, sealed: bool) -> New:
        self.refuse()
        return New(
            path=self.path,
            value=self.value,
            is_secret=self.is_secret,
            description=self.description or "",
            labels=tuple(self.labels or ()),
            sealed=sealed and self.is_secret,
        )


class UpdateVariable(_Wishes):
    """What is to be different; what is not named stays."""

    path: Text | None = None
    value: Text | None = None
    is_secret: bool | None = None
    description: Text | None = None
    labels: list[Line] | None = None

    def as_change(self, *, sealed: bool) -> VariableChange:
        self.refuse()
        return VariableChange(
            path=self.path,
            value=self.value,
            is_secret=self.is_secret,
            description=self.description,
            labels=None if self.labels is None else tuple(self.labels),
            sealed=sealed,
        )


class BulkDelete(Body):
    """What is deleted together."""

    paths: list[Text] = Field(max_length=BULK_MAX)


class PlainText(RootModel[Text]):
    """A text, as a JSON string."""


class Variable(Reply):
    """A variable. The value of a secret is there when it was asked for, decrypted or encrypted."""

    workspace_id: str
    path: str
    value: str | None = None
    is_secret: bool
    description: str
    labels: list[str] | None = None
    is_oauth: bool
    is_expired: bool
    is_draft: bool
    edited_at: str
    edited_by: str
    extra_perms: dict[str, Any]


class ContextualVariable(Reply):
    """A name that every job finds in its environment."""

    name: str
    value: str
    description: str
    is_custom: bool

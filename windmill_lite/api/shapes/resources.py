"""Resources and their types on the wire."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from windmill_lite.api.params import Line, Text
from windmill_lite.api.shapes import Body, Reply
from windmill_lite.base.codec import dumps
from windmill_lite.base.errors import Invalid
from windmill_lite.model.resource import NewResource as New
from windmill_lite.model.resource import ResourceChange
from windmill_lite.model.resource import ResourceType as Type


class CreateResource(Body):
    """A resource to make. A type of that name need not exist."""

    path: Text
    value: Any = None
    resource_type: Text
    description: Text | None = None
    labels: list[Line] | None = None
    ws_specific: bool | None = None

    def as_new(self) -> New:
        _refuse(self.ws_specific)
        return New(
            path=self.path,
            value=dumps(self.value),
            resource_type=self.resource_type,
            description=self.description,
            labels=tuple(self.labels or ()),
        )


class UpdateResource(Body):
    """What is to be different; what is not named stays."""

    path: Text | None = None
    value: Any = None
    resource_type: Text | None = None
    description: Text | None = None
    labels: list[Line] | None = None
    ws_specific: bool | None = None

    def as_change(self) -> ResourceChange:
        _refuse(self.ws_specific)
        return ResourceChange(
            path=self.path,
            value=dumps(self.value) if "value" in self.model_fields_set else None,
            resource_type=self.resource_type,
            description=self.description,
            labels=None if self.labels is None else tuple(self.labels),
        )


class UpdateResourceValue(Body):
    """A new value; the rest stays."""

    value: Any = None


def _refuse(ws_specific: bool | None) -> None:  # noqa: FBT001  a field, as it came
    if ws_specific:
        raise Invalid("ws_specific: resources cannot have this here", field="ws_specific")


class CreateResourceType(Body):
    """A type to make."""

    name: Text
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    description: Text | None = None
    format_extension: Line | None = None
    is_fileset: bool | None = None

    def as_type(self) -> Type:
        if self.is_fileset:
            raise Invalid("is_fileset: resource types cannot be this here", field="is_fileset")
        return Type("", self.name, dumps(self.schema_), self.description, self.format_extension)


class UpdateResourceType(Body):
    """What is to be different; what is not named stays."""

    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    description: Text | None = None
    is_fileset: bool | None = None


class FileType(Reply):
    """What the files of a type's resources end in."""

    format_extension: str
    is_fileset: bool


class Resource(Reply):
    """A resource; its value is not there in lists."""

    workspace_id: str
    path: str
    value: Any = None
    resource_type: str
    description: str | None = None
    labels: list[str] | None = None
    is_oauth: bool
    is_linked: bool = Field(description="a variable has the same path")
    is_refreshed: bool
    is_draft: bool | None = None
    created_by: str
    edited_by: str
    edited_at: str
    extra_perms: dict[str, Any]


class FoundResource(Reply):
    """A resource where all of them are searched."""

    path: str
    value: Any
    truncated: bool = Field(description="the value is too long, and null here")


class NamedResource(Reply):
    """`name` is what the value calls itself, "" for one that does not."""

    name: str
    path: str


class ResourceCount(Reply):
    resource_type: str
    count: int


class ResourceType(Reply):
    """A type; `workspace_id` is not there when every workspace has it."""

    workspace_id: str | None = None
    name: str
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    description: str | None = None
    format_extension: str | None = None
    created_by: str | None = None
    edited_at: str | None = None

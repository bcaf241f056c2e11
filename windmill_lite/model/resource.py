"""Resources: a JSON value of some type under a path; and the types, which have a schema."""

from __future__ import annotations

import re
from dataclasses import dataclass

from windmill_lite.base.errors import Invalid
from windmill_lite.model.limits import RESOURCE_TYPE_CHARS_MAX

_TYPE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")


def check_resource_type(name: str) -> str:
    """The name itself. Fails: `Invalid`."""
    if len(name) > RESOURCE_TYPE_CHARS_MAX or not _TYPE.match(name):
        raise Invalid(
            f"resource type {name[:80]!r} may hold letters, digits and _ . - only, "
            f"{RESOURCE_TYPE_CHARS_MAX} at most",
            field="resource_type",
        )
    return name


@dataclass(frozen=True, slots=True)
class NewResource:
    """`value` is JSON text. A type of that name need not exist."""

    path: str
    value: str
    resource_type: str
    description: str | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """What a change says; None leaves as it is. `value` is JSON text."""

    path: str | None = None
    value: str | None = None
    resource_type: str | None = None
    description: str | None = None
    labels: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as it is stored; `value` is JSON text, with its references as they were given."""

    workspace: str
    path: str
    value: str
    resource_type: str
    description: str | None
    labels: tuple[str, ...]
    created_by: str
    edited_by: str
    edited_at: int  # µs
    is_linked: bool = False  # a variable has the same path; told to people only


@dataclass(frozen=True, slots=True)
class ResourceFilter:
    """Questions of the list; texts are looked for in any case."""

    path: str | None = None
    path_prefix: str | None = None
    types: tuple[str, ...] | None = None
    types_without: tuple[str, ...] | None = None
    description: str | None = None
    value: str | None = None
    anywhere: str | None = None


@dataclass(frozen=True, slots=True)
class ResourceType:
    """`schema` is the text of a JSON Schema; `workspace` "" is for what every workspace has."""

    workspace: str
    name: str
    schema: str
    description: str | None = None
    format_extension: str | None = None  # its value is a file with this ending
    created_by: str | None = None
    edited_at: int | None = None  # µs

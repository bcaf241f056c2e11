"""A flow: an OpenFlow definition deployed under a path; versions never change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class NewFlow:
    """A version to deploy. `value` is the OpenFlow document as it came."""

    path: str
    value: dict[str, Any]
    summary: str = ""
    description: str = ""
    schema: dict[str, Any] | None = None
    tag: str | None = None
    deployment_message: str | None = None
    keep_draft: bool = False  # of who deploys; else it goes, since it is deployed
    #: Fields of Windmill's flow that are stored and given back unchanged.
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FlowVersion:
    """One version as it is stored. `value`, `uses`, `schema` and `options` are JSON text; in lists
    the first three are empty.
    """

    workspace: str
    id: int  # counts up in its workspace
    path: str
    summary: str
    description: str
    value: str
    uses: str
    schema: str | None
    tag: str | None
    options: str
    created_by: str
    created_at: int
    deployment_message: str | None
    archived: bool
    deleted: bool
    head: bool


@dataclass(frozen=True, slots=True)
class FlowFilter:
    """Questions of the list; archived flows are listed only when asked for."""

    path: str | None = None
    path_prefix: str | None = None
    created_by: str | None = None
    uses: str | None = None  # `script/f/a/b`
    show_archived: bool = False
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class RestartAt:
    """A step at which a run goes on, or whose body (iteration, branch) it goes on in."""

    step: str
    body: int | None = None

"""Flows: what is deployed, what is told of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field, RootModel

from windmill_lite.api.params import Line, Text
from windmill_lite.api.shapes import Body, Reply
from windmill_lite.model.flow import NewFlow as NewVersion
from windmill_lite.model.flow import RestartAt
from windmill_lite.model.limits import FLOW_DEPTH_MAX

#: Windmill's further fields of a flow, stored and given back unchanged.
KEPT = (
    "dedicated_worker", "labels", "on_behalf_of_email", "priority", "timeout",
    "visible_to_runner_only", "ws_error_handler_muted",
)  # fmt: skip


class NewFlow(Body):
    """A version to deploy: an OpenFlow definition with what is said about it."""

    model_config = ConfigDict(extra="allow")

    path: Text
    value: dict[str, Any]
    summary: Text = ""
    description: Text | None = None
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    tag: Line | None = None
    deployment_message: Text | None = None
    skip_draft_deletion: bool = False

    def as_version(self) -> NewVersion:
        extra = self.model_extra or {}
        return NewVersion(
            path=self.path,
            value=self.value,
            summary=self.summary,
            description=self.description or "",
            schema=self.schema_,
            tag=self.tag or None,
            deployment_message=self.deployment_message or None,
            keep_draft=self.skip_draft_deletion,
            options={name: extra[name] for name in KEPT if extra.get(name) is not None},
        )


class Flow(Reply):
    """A version. Further fields are those it was deployed with."""

    model_config = ConfigDict(extra="allow")

    workspace_id: str
    path: str
    version_id: int
    summary: str
    description: str
    value: dict[str, Any] | None = Field(default=None, description="absent in lists")
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    tag: str | None = None
    edited_by: str
    edited_at: datetime
    archived: bool
    starred: bool
    extra_perms: dict[str, bool]
    is_draft: bool = Field(description="the caller has a draft at this path")
    ws_error_handler_muted: bool
    deployment_msg: str | None = None
    draft: Any = Field(default=None, description="the caller's own, when it was asked for")
    draft_saved_at: datetime | None = None


class FlowVersion(Reply):
    id: int
    created_at: datetime
    created_by: str
    deployment_msg: str | None = None


class FlowDefinition(Reply):
    path: str
    value: dict[str, Any]


class FlowDeployment(Reply):
    """A flow runs as soon as it is saved; a job finds the locks of its steps meanwhile."""

    lock_error_logs: str | None = Field(default=None, description="why a lock cannot be found")
    job_id: str | None = Field(default=None, description="of the job, unless no step needs one")


class Archive(Body):
    archived: bool = True


class Message(Body):
    deployment_msg: Text = ""


class UserState(RootModel[Any]):
    """Any JSON value."""


class RestartPlace(Body):
    step_id: Line
    branch_or_iteration_n: int | None = Field(default=None, ge=0)


class Restart(RestartPlace):
    """Where a run goes on: the outermost step, then the steps inside of it on the way."""

    flow_version: int | None = None
    nested_path: list[RestartPlace] = Field(default_factory=list, max_length=FLOW_DEPTH_MAX)
    args: dict[str, Any] | None = Field(default=None, description="instead of those of the run")

    def as_places(self) -> tuple[RestartAt, ...]:
        way = (self, *self.nested_path)
        return tuple(RestartAt(each.step_id, each.branch_or_iteration_n) for each in way)


class RestartArgs(RootModel[dict[str, Any]]):
    """The arguments of the new run."""


class InTree(Reply):
    """A job of a run, and where it is in the flow."""

    job_id: str
    label: str
    kind: str
    depth: int
    sibling_index: int
    sibling_count: int
    flow_step_id: str | None = None
    step_path: str | None = None
    parent_module_type: str | None = None


class StepLogs(InTree):
    logs: str


class StepResult(InTree):
    status: str
    success: bool | None = None
    duration_ms: int | None = None
    started_at: datetime | None = None
    result_prefix: str | None = None
    result_length: int | None = None


class AllResults(Reply):
    entries: list[StepResult]
    enclosing_job: str | None = None
    truncated: bool | None = None
    step_error: str | None = None

"""Scripts: what is deployed, what is told of it, and the signature of code."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from windmill_lite.api.params import Line, Text
from windmill_lite.api.shapes import Body, Reply
from windmill_lite.model.script import NewScript as NewVersion


class NewScript(Body):
    """A version to deploy. Fields that are kept and given back unchanged are taken as they come."""

    model_config = ConfigDict(extra="allow")

    path: Text
    content: str
    language: Line
    summary: Text = ""
    description: Text = ""
    kind: Line = "script"
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    lock: Text | None = None
    tag: Line | None = None
    timeout: int | None = None
    parent_hash: Line | None = None
    auto_parent: bool = False
    deployment_message: Text | None = None
    skip_draft_deletion: bool = False

    def as_version(self) -> NewVersion:
        extra = self.model_extra or {}
        return NewVersion(
            path=self.path,
            content=self.content,
            language=self.language,
            summary=self.summary,
            description=self.description,
            kind=self.kind or "script",
            schema=self.schema_,
            lock=self.lock,
            tag=self.tag or None,
            timeout_s=self.timeout,
            parent_hash=self.parent_hash or None,
            auto_parent=self.auto_parent,
            deployment_message=self.deployment_message or None,
            keep_draft=self.skip_draft_deletion,
            options={name: extra[name] for name in KEPT if extra.get(name) is not None},
        )


#: Windmill's further fields of a version, stored and given back unchanged.
KEPT = (
    "assets", "auto_kind", "cache_ignore_s3_path", "cache_ttl", "codebase", "concurrency_key",
    "concurrency_time_window_s", "concurrent_limit", "debounce_args_to_accumulate",
    "debounce_delay_s", "debounce_key", "dedicated_worker", "delete_after_secs", "delete_after_use",
    "envs", "has_preprocessor", "is_template", "job_token_scopes", "labels",
    "max_total_debounces_amount", "max_total_debouncing_time", "modules", "network",
    "on_behalf_of_email",
    "on_worker_loss", "priority", "retry", "restart_unless_cancelled", "visible_to_runner_only",
    "ws_error_handler_muted",
)  # fmt: skip


class HubScript(Reply):
    content: str
    language: str
    lockfile: str | None = None
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    summary: str


class Script(Reply):
    """A version. Further fields are those it was deployed with."""

    model_config = ConfigDict(extra="allow")

    workspace_id: str
    hash: str
    path: str
    parent_hashes: list[str] | None = None
    summary: str
    description: str
    content: str
    language: str
    kind: str
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    lock: str | None = None
    lock_error_logs: str | None = None
    tag: str | None = None
    timeout: int | None = None
    created_by: str
    created_at: datetime
    archived: bool
    deleted: bool
    is_template: bool
    starred: bool
    has_preprocessor: bool
    ws_error_handler_muted: bool
    extra_perms: dict[str, bool]
    is_draft: bool | None = Field(default=None, description="the caller has a draft at this path")
    draft: Any = Field(default=None, description="the caller's own, when it was asked for")
    draft_saved_at: datetime | None = None
    deployment_msg: str | None = None


class FoundScript(Reply):
    path: str
    content: str


class ScriptVersion(Reply):
    script_hash: str
    created_at: datetime
    created_by: str
    deployment_msg: str | None = None


class DeploymentStatus(Reply):
    lock: str | None = None
    lock_error_logs: str | None = None


class Code(Body):
    """Code whose signature is wanted; it is read, never run."""

    language: Line
    content: Text
    entrypoint: Line | None = None


class SourceProblem(Reply):
    """Why code cannot be read; line and column count from 1."""

    message: str
    line: int
    column: int


class InferredSignature(Reply):
    """The parameters of the entrypoint and the schema of its form, or why the code has none."""

    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    signature: dict[str, Any] | None = None
    error: SourceProblem | None = None

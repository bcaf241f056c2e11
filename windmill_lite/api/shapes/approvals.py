"""Approvals: the links, and what whoever has one is shown."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, RootModel

from windmill_lite.api.params import Text
from windmill_lite.api.shapes import Body, Reply
from windmill_lite.api.shapes.jobs import Job


class Payload(RootModel[Any]):
    """What is filled in: any JSON value."""


class ResumeUrls(Reply):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    approval_page: str = Field(alias="approvalPage")
    resume: str
    cancel: str


class Approver(Reply):
    resume_id: int
    approver: str


class Conditions(Reply):
    user_auth_required: bool
    user_groups_required: list[str]
    self_approval_disabled: bool


class ApprovalInfo(Reply):
    """What a flow waits for, as whoever could approve it is shown it."""

    flow_id: str
    can_approve: bool
    user_auth_required: bool
    skin: str
    approvers: list[Approver]
    form_schema: Any = None
    description: Any = None
    approval_conditions: Conditions
    hide_cancel: bool
    step_summary: str | None = None


class Answered(Body):
    payload: Any = None
    approval_token: Text | None = None
    approved: bool = True


class SuspendedFlow(Reply):
    """A flow that waits for people, as whoever was sent a link is shown it."""

    job: Job
    approvers: list[Approver]
    moment: Literal["early", "waits", "passed", "over"] = Field(
        description="whether what is said still counts: it does early and while it waits"
    )
    can_approve: bool
    needs_login: bool
    refusal: str | None = Field(default=None, description="why the caller may not approve")
    hide_cancel: bool
    step_id: str | None = None
    step_summary: str | None = None
    form: dict[str, Any] | None = Field(default=None, description="schema of what is filled in")
    default_args: dict[str, Any] | None = None
    enums: dict[str, Any] | None = None
    description: Any = None

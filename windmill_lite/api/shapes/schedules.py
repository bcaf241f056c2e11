"""Schedules: what is decided about one, how it stands, and what became of its ticks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError

from windmill_lite.api.params import Line, Text, microseconds
from windmill_lite.api.shapes import Body, Reply
from windmill_lite.base.errors import Invalid
from windmill_lite.model.schedule import NewSchedule as New
from windmill_lite.model.schedule import Plan

#: Fields of a plan that are given back as they came, null or not.
ECHOED = (
    "cron_version", "description", "dynamic_skip", "labels", "no_flow_overlap",
    "on_failure", "on_failure_exact", "on_failure_extra_args", "on_failure_times", "on_recovery",
    "on_recovery_extra_args", "on_recovery_times", "on_success", "on_success_extra_args",
    "paused_until", "retry", "summary", "tag", "ws_error_handler_muted",
)  # fmt: skip

#: What would make a schedule do something that is not done here. Null and empty are no wish.
REFUSED = ("dynamic_skip", "on_failure", "on_recovery", "on_success", "retry")

_MOMENT = TypeAdapter(datetime)


def _moment(text: str) -> str:
    try:
        _MOMENT.validate_python(text)
    except ValidationError:
        raise ValueError("is no moment, as 2026-01-01T00:00:00Z") from None
    return text


class EditSchedule(Body):
    """The plan of a schedule; all of it is replaced. A field that is not named here is ignored."""

    model_config = ConfigDict(extra="allow")

    schedule: Text
    timezone: Text
    args: dict[str, Any] | None = None
    summary: Text | None = None
    description: Text | None = None
    tag: Line | None = None
    no_flow_overlap: bool | None = None
    paused_until: Annotated[Text, AfterValidator(_moment)] | None = None
    cron_version: Line | None = None
    permissioned_as: Line | None = None
    preserve_permissioned_as: bool | None = None

    def as_plan(self) -> Plan:
        """Fails: `Invalid`, naming the first field that asks for what is not done here."""
        given = self.model_dump(exclude_unset=True)
        for name in REFUSED:
            if given.get(name):
                raise Invalid(f"{name}: schedules cannot do this here yet", field=name)
        until = None if not self.paused_until else _MOMENT.validate_python(self.paused_until)
        options = {name: given[name] for name in ECHOED if name in given}
        if "args" in given and self.args is None:
            options["args"] = None  # no arguments, but said so
        return Plan(
            cron=self.schedule,
            timezone=self.timezone,
            args=self.args,
            summary=self.summary or "",
            description=self.description or "",
            tag=self.tag or None,
            no_overlap=bool(self.no_flow_overlap),
            paused_until=microseconds(until),
            version=self.cron_version or "v2",
            owner=self.permissioned_as if self.preserve_permissioned_as else None,
            options=options,
        )


class NewSchedule(EditSchedule):
    path: Text
    script_path: Text
    is_flow: bool = False
    enabled: bool | None = None

    def as_new(self) -> New:
        """Fails: as `as_plan`."""
        return New(
            self.path,
            self.script_path,
            self.as_plan(),
            enabled=bool(self.enabled),
            is_flow=self.is_flow,
        )


class SetEnabled(Body):
    enabled: bool


class PreviewSchedule(Body):
    schedule: Text
    timezone: Text
    cron_version: Line | None = None


class Schedule(Reply):
    """A schedule. Further fields are those of its plan, as they were pushed."""

    model_config = ConfigDict(extra="allow")

    workspace_id: str
    path: str
    script_path: str
    is_flow: bool
    schedule: str
    timezone: str
    enabled: bool
    args: dict[str, Any] | None = None
    summary: str | None = None
    description: str | None = None
    tag: str | None = None
    no_flow_overlap: bool | None = None
    paused_until: datetime | None = None
    cron_version: str | None = None
    edited_by: str
    edited_at: datetime
    permissioned_as: str
    email: str
    extra_perms: dict[str, bool]
    is_draft: bool
    next_at: datetime | None = None  # the next tick; absent when there is none
    last_at: datetime | None = None
    error: str | None = None


class ScheduleJob(Reply):
    id: str
    success: bool
    duration_ms: int


class ScheduleWithJobs(Schedule):
    jobs: list[ScheduleJob]


class ScheduleTick(Reply):
    """A tick and its job, or the reason why it has none. `until` and `count` are of several missed
    in a row.
    """

    at: datetime
    until: datetime | None = None
    count: int | None = None
    job_id: str | None = None
    skipped: str | None = None
    reason: str | None = None

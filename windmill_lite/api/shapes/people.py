"""Accounts, tokens, workspaces and their members."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from windmill_lite.api.params import Line, Text
from windmill_lite.api.shapes import Body, Reply


class Credentials(Body):
    email: Line
    password: Text


class Setup(Body):
    token: Line
    email: Line
    password: Text
    name: Line | None = None


class SetupNeeded(Reply):
    needed: bool


class NewPassword(Body):
    password: Text


class NewAccount(Body):
    email: Line
    password: Text | None = None
    super_admin: bool = False
    name: Line | None = None


class GlobalUser(Reply):
    email: str
    login_type: str
    super_admin: bool
    devops: bool
    verified: bool
    first_time_user: bool
    role_source: str
    disabled: bool
    name: str | None = None
    username: str | None = None


class NewTokenBody(Body):
    label: Line | None = None
    expiration: datetime | None = None
    workspace_id: Line | None = None
    scopes: list[Line] | None = Field(default=None, max_length=1_000)
    read_only: bool = False


class Token(Reply):
    token_prefix: str
    created_at: datetime
    last_used_at: datetime
    read_only: bool
    label: str | None = None
    expiration: datetime | None = None
    scopes: list[str] | None = None
    workspace_id: str | None = None
    email: str | None = None


class TriggersCount(Reply):
    primary_schedule: dict[str, str] | None = Field(
        default=None, description="the schedule at the same path"
    )
    schedule_count: int
    webhook_count: int = Field(description="one's own tokens made for it")


class NewWorkspace(Body):
    id: Line
    name: Line
    username: Line | None = None


class WorkspaceId(Body):
    id: Line


class Workspace(Reply):
    id: str
    name: str
    owner: str
    color: str | None = None


class UserWorkspace(Reply):
    id: str
    name: str
    username: str
    color: str | None = None
    disabled: bool
    role: str
    is_dev_workspace: bool


class UserWorkspaces(Reply):
    email: str
    workspaces: list[UserWorkspace]


class NewMember(Body):
    email: Line
    username: Line | None = None
    is_admin: bool = False
    operator: bool = False


class WorkspaceUser(Reply):
    email: str
    username: str
    is_admin: bool
    is_super_admin: bool
    operator: bool
    disabled: bool
    created_at: datetime
    groups: list[str]
    folders: list[str]
    folders_read: list[str]
    folders_owners: list[str]
    non_member: bool | None = None

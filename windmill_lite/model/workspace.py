"""A workspace: the tenant; everything below belongs to one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Workspace:
    id: str
    name: str
    owner: str  # email of who made it
    color: str | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """One workspace of an account and who the account is there."""

    workspace: Workspace
    username: str
    is_admin: bool
    operator: bool
    disabled: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a workspace's list."""

    username: str
    email: str
    is_admin: bool
    operator: bool
    disabled: bool
    super_admin: bool
    created_at: int

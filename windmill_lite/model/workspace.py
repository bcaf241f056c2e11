"""A workspace: the tenant; everything below belongs to one. Who is in it, and in which groups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from windmill_lite.base.errors import Invalid
from windmill_lite.model.identity import EVERYBODY

_GROUP = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,49}\Z")


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


@dataclass(frozen=True, slots=True)
class Group:
    """Members of a workspace under one name, to approve and to be permitted together."""

    name: str
    summary: str
    members: tuple[str, ...] = ()  # usernames
    #: `u/<username>` or `g/<group>`: true owns the group, false may see it, as everybody may.
    extra_perms: Mapping[str, bool] = field(default_factory=dict)


def check_group_name(name: str) -> str:
    """A name that a new group may have."""
    if name == EVERYBODY:
        raise Invalid(f"group {EVERYBODY} is there already: everybody is in it", field="name")
    if not _GROUP.match(name):
        words = "may hold letters, digits, _ and - only, 50 at most"
        raise Invalid(f"group name {name!r} {words}", field="name")
    return name

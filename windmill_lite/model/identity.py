"""Who asks: first the holder of a token, then that person in one workspace."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

#: The group that everybody in a workspace is in; it is no row and cannot be deleted.
EVERYBODY = "all"


class TokenKind(StrEnum):
    SESSION = "session"  # a browser's login
    USER = "user"  # made by a person for a program
    JOB = "job"  # a running job's own; signed, never stored


@dataclass(frozen=True, slots=True)
class Login:
    """The holder of a good token, before any workspace."""

    email: str
    kind: TokenKind
    prefix: str  # the token's first characters
    super_admin: bool = False
    name: str | None = None
    workspace: str | None = None  # the only one this token opens; None: all of the account's
    scopes: tuple[str, ...] | None = None  # None: every right of the account
    read_only: bool = False
    job_id: UUID | None = None  # of a job token
    permissioned_as: str | None = None  # of a job token: `u/<username>`


@dataclass(frozen=True, slots=True)
class Identity:
    """A person inside one workspace. A super admin who is not a member is an admin there."""

    workspace: str
    username: str
    email: str
    is_admin: bool = False
    operator: bool = False  # may run, may not write code
    super_admin: bool = False
    scopes: tuple[str, ...] | None = None
    read_only: bool = False
    job_id: UUID | None = None  # the job that asks, when a job does

    @property
    def permissioned_as(self) -> str:
        return f"u/{self.username}"


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the instance, as administrators see it."""

    email: str
    name: str | None
    super_admin: bool
    disabled: bool
    created_at: int  # µs


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a person asks of a token; `expires_at` in µs."""

    label: str | None = None
    expires_at: int | None = None
    workspace: str | None = None
    scopes: tuple[str, ...] | None = None
    read_only: bool = False

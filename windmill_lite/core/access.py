"""May this identity do that to this path? The one place that knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from windmill_lite.base.errors import Denied, NotFound
from windmill_lite.model.identity import Identity
from windmill_lite.model.paths import owner_of


class Action(StrEnum):
    READ = "read"
    RUN = "run"
    WRITE = "write"


def may(identity: Identity, action: Action, path: str) -> bool:
    """One's own `u/` paths and every folder's are open; the rest is for admins.

    Operators run and read what they can see and write nothing.
    """
    if action is Action.WRITE and identity.operator and not identity.is_admin:
        return False
    if identity.is_admin:
        return True
    owner = owner_of(path)
    return owner == identity.permissioned_as or owner.startswith("f/")


def require(identity: Identity, action: Action, path: str, *, what: str) -> None:
    """A thing one may not see is not there; a thing one sees but may not touch is denied."""
    if may(identity, action, path):
        return
    if may(identity, Action.READ, path):
        raise Denied(f"{identity.username} may not {action} {what} {path}")
    raise NotFound(f"{what} not found at name {path}")


def require_author(identity: Identity) -> None:
    """Running code that is not deployed is writing code."""
    if identity.operator and not identity.is_admin:
        raise Denied(f"{identity.username} is an operator and may only run what is deployed")


def require_admin(identity: Identity) -> None:
    if not identity.is_admin:
        raise Denied(f"{identity.username} is not an admin of workspace {identity.workspace}")


def owns(identity: Identity, extra_perms: Mapping[str, bool], groups: Collection[str]) -> bool:
    """Whether a thing with these permissions is theirs to change. `groups`: whom they are in."""
    if identity.is_admin:
        return True
    mine = (identity.permissioned_as, *(f"g/{group}" for group in groups))
    return not identity.operator and any(extra_perms.get(owner) for owner in mine)

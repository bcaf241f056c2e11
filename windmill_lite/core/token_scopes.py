"""What a limited token may do: the one decision about scopes and read-only tokens.

A scope is `<domain>:<action>[:<paths>]`; for runs it is `jobs:run[:<kind>[:<paths>]]`. `<paths>` is
a comma list of paths, each exact or ending in `/*`; `*` alone is every path. `write` includes
`read` of the same domain and paths. Whatever is not granted is denied, and a scope that is not
understood grants nothing. Source: windmill.dev, "User tokens".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from windmill_lite.base.errors import Denied
from windmill_lite.model.identity import Login


class Action(StrEnum):
    READ = "read"
    WRITE = "write"
    RUN = "run"
    OWN = "own"  # the account itself: its password, tokens and workspaces; no scope gives it


@dataclass(frozen=True, slots=True)
class Need:
    """What a request is about to do. `path` None means: not with one path, but with any of them."""

    domain: str
    action: Action
    kind: str | None = None  # of a run: `scripts`, `flows`, `previews`
    path: str | None = None


def allowed(login: Login, need: Need) -> bool:
    """Whether the token of `login` reaches as far as `need`. The person's own rights come after."""
    if login.read_only and need.action is not Action.READ:
        return False
    if need.action is Action.OWN:
        return login.scopes is None and login.workspace is None and login.job_id is None
    return login.scopes is None or granted(login.scopes, need)


def granted(scopes: Iterable[str], need: Need) -> bool:
    """Whether one of the scopes reaches as far."""
    return any(_grants(scope, need) for scope in scopes)


def require(login: Login, need: Need) -> None:
    """Fails: `Denied`, in words that say what the token lacks."""
    if allowed(login, need):
        return
    wanted = ":".join(part for part in (need.domain, need.action, need.kind, need.path) if part)
    if login.read_only and need.action is not Action.READ:
        raise Denied(f"this token is read-only and cannot do {wanted}")
    if need.action is Action.OWN:
        raise Denied("a token limited to scopes, a workspace or a job cannot change the account")
    raise Denied(f"the scopes of this token do not include {wanted}")


def _grants(scope: str, need: Need) -> bool:
    domain, *parts = scope.split(":")
    if domain != need.domain or not parts or not all(parts):
        return False
    action, *limits = parts
    if action != need.action and (action, need.action) != (Action.WRITE, Action.READ):
        return False
    if action == Action.RUN and limits:
        kind, *limits = limits
        if kind != need.kind:
            return False
    match limits:
        case []:
            return True
        case [paths]:
            return need.path is not None and _listed(paths, need.path)
        case _:
            return False


def _listed(paths: str, path: str) -> bool:
    return any(
        pattern in ("*", path) or (pattern.endswith("/*") and path.startswith(pattern[:-1]))
        for pattern in paths.split(",")
    )

"""The address space of scripts, flows and resources: `u/<user>/<name…>` and `f/<folder>/<name…>`.

One type, checked at the door: everything below may trust a path. A name may hold more slashes.
"""

from __future__ import annotations

import re

from windmill_lite.base.errors import Invalid
from windmill_lite.model.limits import PATH_CHARS_MAX

_OWNER = r"[A-Za-z0-9_][A-Za-z0-9_.+-]*"
_SEGMENT = r"[A-Za-z0-9_.+-]+"
_PATH = re.compile(rf"(?:u/{_OWNER}|f/[A-Za-z0-9_]+)(?:/{_SEGMENT})+\Z")
_HUB = re.compile(r"hub/([0-9]{1,12})(?:/[A-Za-z0-9_+-][A-Za-z0-9_.+-]*)*\Z")
_USERNAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*\Z")
_WORKSPACE = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}\Z", re.IGNORECASE)


def check_path(path: str) -> str:
    """The path itself; `Invalid` that says what a path looks like when it is none."""
    if len(path) > PATH_CHARS_MAX:
        raise Invalid(f"path is longer than {PATH_CHARS_MAX} characters", field="path")
    if not _PATH.match(path) or any(part in (".", "..") for part in path.split("/")):
        raise Invalid(
            f"path {path!r} is not of the form u/<user>/<name> or f/<folder>/<name> "
            "(letters, digits, _ . + - in each part)",
            field="path",
        )
    return path


def hub_number(path: str) -> int:
    """Of `hub/<number>/<app>/<name>`: what the script is known by, whatever is said after it.

    Fails: `Invalid`.
    """
    found = _HUB.match(path) if len(path) <= PATH_CHARS_MAX else None
    if found is None:
        raise Invalid(f"path {path!r} is not of the form hub/<number>/<app>/<name>", field="path")
    return int(found[1])


def check_username(username: str) -> str:
    """What may stand after `u/`."""
    if len(username) > 50 or not _USERNAME.match(username):
        raise Invalid(
            f"username {username!r} may hold letters, digits and _ . + - only, 50 at most",
            field="username",
        )
    return username


def check_workspace_id(workspace: str) -> str:
    """What may stand after `/api/w/`."""
    if not _WORKSPACE.match(workspace):
        raise Invalid(
            f"workspace id {workspace!r} may hold letters, digits, _ and - only, 50 at most",
            field="id",
        )
    return workspace


def owner_of(path: str) -> str:
    """`u/alice` of `u/alice/x/y`, `f/ops` of `f/ops/x`."""
    kind, name, *_ = path.split("/", 2)
    return f"{kind}/{name}"


def username_from_email(email: str) -> str:
    """A first guess at a username: what stands before the @, cleaned."""
    cleaned = re.sub(r"[^A-Za-z0-9_.+-]", "_", email.split("@", 1)[0]).lstrip(".+-")
    return cleaned[:50] or "user"

"""Keys under which jobs meet: `$workspace` and `$args[name]` of a template are filled in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from windmill_lite.base.codec import Json, canonical
from windmill_lite.model.limits import KEY_CHARS_MAX

_HOLE = re.compile(r"\$workspace\b|\$args\[([^\]]*)\]")


def fill(template: str, workspace: str, args: Mapping[str, Json]) -> str:
    """The key of one job, at most `KEY_CHARS_MAX` characters: the end of a longer one becomes a
    hash. Keys are known across workspaces; `$workspace` keeps one at home.

    Shape:   `$args[a.b]` looks into objects; text stands as it is, anything else as JSON, and what
             is not there as nothing.
    """

    def filled(hole: re.Match[str]) -> str:
        name = hole[1]
        return workspace if name is None else _shown(_argument(args, name))

    return bounded(_HOLE.sub(filled, template))


def tag(template: str, workspace: str, args: Mapping[str, Json]) -> str:
    """The tag of one job; most are written without holes."""
    return fill(template, workspace, args) if "$" in template else template


def bounded(key: str) -> str:
    if len(key) <= KEY_CHARS_MAX:
        return key
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{key[: KEY_CHARS_MAX - len(digest) - 1]}~{digest}"


def _argument(args: Mapping[str, Json], name: str) -> Json:
    if name in args:
        return args[name]
    found: Json = args
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def _shown(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) and value.isprintable() else canonical(value)

"""When the result of one run answers another."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from windmill_lite.base.codec import Json, canonical


def cache_key(version: str, permissioned_as: str, args: Mapping[str, Json]) -> str:
    """The same for the same code, rights and arguments, whatever their order. The rights count, as
    what a script reads with them may not be for others.
    """
    text = canonical([version, permissioned_as, dict(args)])
    return hashlib.sha256(text.encode()).hexdigest()

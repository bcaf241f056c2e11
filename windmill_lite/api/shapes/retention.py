"""How long completed runs are kept."""

from __future__ import annotations

from pydantic import Field

from windmill_lite.api.params import Text
from windmill_lite.api.shapes import Body, Reply


class PathRetention(Body):
    """`path` is the path of a script, or everything below one: `f/ops/*`."""

    path: Text
    days: int = Field(description="0: for ever")


class NewRetention(Body):
    """Replaces what was said before. Without `days` runs are kept as the instance says."""

    days: int | None = Field(default=None, description="0: for ever")
    paths: list[PathRetention] = Field(default_factory=list)


class PathRetentionTold(Reply):
    path: str
    days: int


class Retention(Reply):
    days: int | None = None
    default_days: int = Field(description="of the instance; 0: for ever")
    max_disk_bytes: int | None = Field(
        default=None, description="what the instance's database may hold; without: no budget"
    )
    paths: list[PathRetentionTold]

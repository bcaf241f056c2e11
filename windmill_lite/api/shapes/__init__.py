"""The shapes of the wire: bodies that are read, and replies as the OpenAPI document tells them.

Bodies are read into these models. Replies are made in `wire.py` without them, for speed; the tests
hold every reply against its model.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """Base of what is read: unknown fields are ignored, as clients of other versions send many."""

    model_config = ConfigDict(extra="ignore")


class Reply(BaseModel):
    """Base of what is told; a field that may be absent defaults to None and is left out then."""

    model_config = ConfigDict(extra="forbid")

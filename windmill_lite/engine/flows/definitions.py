"""What the flows that run were asked to do. A job never changes, so it is read once for all the
steps that a process decides about, as far as there is room.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from windmill_lite.base.codec import Json
from windmill_lite.model import limits
from windmill_lite.model.job import NewJob
from windmill_lite.model.openflow.shape import Flow


@dataclass(frozen=True, slots=True)
class Asked:
    """Of a root flow, or of a step of type flow."""

    job: NewJob  # without its arguments and its definition
    flow: Flow
    args: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class _Kept:
    asked: Asked
    size: int  # characters of the JSON it was read from


@dataclass(slots=True)
class Definitions:
    """By the flow's job; what was used longest ago makes room."""

    _kept: OrderedDict[UUID, _Kept] = field(default_factory=OrderedDict)
    _size: int = 0

    def get(self, job_id: UUID) -> Asked | None:
        found = self._kept.get(job_id)
        if found is None:
            return None
        self._kept.move_to_end(job_id)
        return found.asked

    def keep(self, asked: Asked, size: int) -> None:
        self.drop(asked.job.id)
        self._kept[asked.job.id] = _Kept(asked, size)
        self._size += size
        while len(self._kept) > limits.DEFINITIONS_KEPT or self._size > limits.DEFINITIONS_CHARS:
            self.drop(next(iter(self._kept)))

    def drop(self, job_id: UUID) -> None:
        """Of a flow that ended."""
        found = self._kept.pop(job_id, None)
        if found is not None:
            self._size -= found.size

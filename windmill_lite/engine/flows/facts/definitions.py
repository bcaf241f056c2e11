"""What the flows that run were asked to do, and what versions of scripts ask for. A job never
changes, and a version does not: so each is read once for all the steps that a process decides
about, and for all the runs it starts, as far as there is room.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from windmill_lite.base.codec import Json, loads
from windmill_lite.core.jobs import settings
from windmill_lite.core.jobs.flow_settings import cell_rules
from windmill_lite.model import limits
from windmill_lite.model.flow import FlowVersion
from windmill_lite.model.job import NewJob
from windmill_lite.model.openflow import read
from windmill_lite.model.openflow.shape import Flow
from windmill_lite.model.script import CellRules, RunSettings
from windmill_lite.store.machine.code import Runnable

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Version:
    """Of a flow that is deployed."""

    id: int
    tag: str | None
    flow: Flow
    cell: CellRules  # of its steps


@dataclass(frozen=True, slots=True)
class ScriptVersion:
    """Of a script that is deployed: the schema of its arguments, and what it asks of its runs."""

    schema: Json
    settings: RunSettings


@dataclass(frozen=True, slots=True)
class Asked:
    """Of a root flow, or of a step of type flow."""

    job: NewJob  # without its arguments and its definition
    flow: Flow
    args: Mapping[str, Json]


def weight(*texts: str) -> int:
    """About how many bytes of memory JSON takes once it is read, and seldom less: measured, records
    take 5 times their text, long texts 1.1 times, small objects 24 times.
    """
    return sum(
        len(text) + 40 * text.count(",") + 80 * text.count("[") + 300 * text.count("{")
        for text in texts
    )


@dataclass(slots=True)
class Kept(Generic[K, V]):
    """What was used longest ago makes room."""

    _values: OrderedDict[K, tuple[V, int]] = field(default_factory=OrderedDict)
    _size: int = 0

    def get(self, key: K) -> V | None:
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def keep(self, key: K, value: V, *, size: int) -> None:
        """`size`: the weight of the JSON it was read from."""
        self.drop(key)
        self._values[key] = (value, size)
        self._size += size
        while len(self._values) > limits.DEFINITIONS_KEPT or self._size > limits.DEFINITIONS_BYTES:
            self.drop(next(iter(self._values)))

    def drop(self, key: K) -> None:
        found = self._values.pop(key, None)
        if found is not None:
            self._size -= found[1]


@dataclass(frozen=True, slots=True)
class Definitions:
    asked: Kept[UUID, Asked] = field(default_factory=Kept)  # by the flow's job
    versions: Kept[tuple[str, int], Version] = field(default_factory=Kept)  # by workspace and id
    #: By the very texts that were read, so that nothing can be out of date.
    scripts: Kept[tuple[str | None, str], ScriptVersion] = field(default_factory=Kept)

    def version(self, stored: FlowVersion) -> Version:
        key = (stored.workspace, stored.id)
        found = self.versions.get(key)
        if found is None:
            cell = cell_rules(loads(stored.options, what="options"))
            found = Version(stored.id, stored.tag, read(loads(stored.value, what="flow")), cell)
            self.versions.keep(key, found, size=weight(stored.value))
        return found

    def script(self, found: Runnable) -> ScriptVersion:
        key = (found.schema, found.options)
        version = self.scripts.get(key)
        if version is None:
            schema = None if found.schema is None else loads(found.schema, what="schema")
            asked = settings.read(loads(found.options, what="options"))
            version = ScriptVersion(schema, asked)
            self.scripts.keep(key, version, size=weight(found.schema or "", found.options))
        return version

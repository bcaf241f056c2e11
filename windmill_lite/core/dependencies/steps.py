"""Steps of a flow whose code says itself what it runs, and has no lock."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from windmill_lite.base.codec import Json
from windmill_lite.core.flow.named import every_module
from windmill_lite.core.jobs import entry
from windmill_lite.model.openflow.shape import Flow, Module, RawScript

_PLACE: Final = re.compile(r"(\w+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class StepCode:
    """`code` is what its cell gets, to the character: its lock is kept under that."""

    module: Module
    language: str
    code: str
    path: str  # "" in a flow that has none
    tag: str | None


def unlocked(flow: Flow, path: str | None) -> list[StepCode]:
    """At every depth, in the order of the document; `path` is that of the flow."""
    found = []
    for module in every_module(flow):
        kind = module.kind
        if not isinstance(kind, RawScript) or kind.lock:
            continue
        prepares = module is flow.preprocessor
        code = entry.preparing(kind.language, kind.content) if prepares else kind.content
        if code is not None:
            own = kind.path or (f"{path}/{module.id}" if path else "")
            found.append(StepCode(module, kind.language, code, own, kind.tag))
    return found


def with_locks(document: Json, locks: Mapping[str, str]) -> Json:
    """The same flow, in which the modules at these places (`Module.at`) have these locks."""
    made = copy.deepcopy(document)
    for at, lock in locks.items():
        node: Any = made
        for name, number in _PLACE.findall(at):
            node = node[name] if name else node[int(number)]
        node["value"]["lock"] = lock
    return made

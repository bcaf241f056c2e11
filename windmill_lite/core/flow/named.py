"""What the steps of a flow name: languages, scripts, other flows; each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from windmill_lite.core.flow.plan import bodies
from windmill_lite.model.openflow.shape import Flow, Module, RawScript, Script, SubFlow


@dataclass(frozen=True, slots=True)
class Use:
    """A path that a step runs. `at` is the place of the path in the document."""

    at: str
    kind: str  # `script`, `flow`
    path: str

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.path}"


def every_module(flow: Flow) -> Iterator[Module]:
    """All of them, at every depth, in the order of the document."""
    for module in flow.modules:
        yield from _with_inner(module)
    for lone in (flow.failure, flow.preprocessor):
        if lone is not None:
            yield lone


def uses(flow: Flow) -> list[Use]:
    found = []
    for module in every_module(flow):
        if isinstance(module.kind, Script | SubFlow):
            kind = "script" if isinstance(module.kind, Script) else "flow"
            found.append(Use(f"{module.at}.value.path", kind, module.kind.path))
    return found


def languages(flow: Flow) -> list[Use]:
    """The language of each inline script, as a `path`."""
    return [
        Use(f"{module.at}.value.language", "language", module.kind.language)
        for module in every_module(flow)
        if isinstance(module.kind, RawScript)
    ]


def _with_inner(module: Module) -> Iterator[Module]:
    yield module
    for _, inner in bodies(module):
        for each in inner:
            yield from _with_inner(each)

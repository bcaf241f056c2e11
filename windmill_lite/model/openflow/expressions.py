"""Every expression of a flow with its place, for whoever can parse them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from windmill_lite.model.openflow.shape import (
    Branch,
    BranchAll,
    BranchOne,
    Flow,
    ForLoop,
    Javascript,
    Module,
    RawScript,
    Script,
    SubFlow,
    Transform,
    WhileLoop,
)
from windmill_lite.model.openflow.transforms import tag_parts


@dataclass(frozen=True, slots=True)
class Written:
    """An expression where it is written: `modules[0].value.input_transforms.x.expr`."""

    at: str
    source: str


def expressions(flow: Flow) -> Iterator[Written]:
    """In the order of the document."""
    for module in flow.modules:
        yield from _of_module(module)
    for lone in (flow.failure, flow.preprocessor):
        if lone is not None:
            yield from _of_module(lone)
    if flow.skip_if is not None:
        yield Written("skip_expr", flow.skip_if.source)


def _of_module(module: Module) -> Iterator[Written]:
    yield from _of_kind(module)
    for key, expression in _conditions(module):
        yield Written(f"{module.at}.{key}.expr", expression.source)
    for key, transform in _transforms(module):
        yield from _of_transform(f"{module.at}.{key}", transform)


def _conditions(module: Module) -> Iterator[tuple[str, Javascript]]:
    if module.stop_after is not None:
        yield "stop_after_if", module.stop_after.condition
    if module.stop_after_all is not None:
        yield "stop_after_all_iters_if", module.stop_after_all.condition
    if module.skip_if is not None:
        yield "skip_if", module.skip_if
    if module.retry is not None and module.retry.condition is not None:
        yield "retry.retry_if", module.retry.condition


def _transforms(module: Module) -> Iterator[tuple[str, Transform | None]]:
    yield "sleep", module.sleep
    yield "timeout", module.timeout
    if module.suspend is not None:
        yield "suspend.user_groups_required", module.suspend.groups


def _of_kind(module: Module) -> Iterator[Written]:
    at = f"{module.at}.value"
    match module.kind:
        case RawScript(inputs=inputs) | Script(inputs=inputs) | SubFlow(inputs=inputs):
            for name, transform in inputs.items():
                yield from _of_transform(f"{at}.input_transforms.{name}", transform)
            yield from _of_tag(at, module.kind)
        case ForLoop() as loop:
            yield from _of_transform(f"{at}.iterator", loop.iterator)
            yield from _of_transform(f"{at}.parallelism", loop.parallelism)
            yield from _of_modules(loop.modules)
        case WhileLoop(modules=modules):
            yield from _of_modules(modules)
        case BranchOne(branches=branches, default=default):
            yield from _of_branches(at, branches)
            yield from _of_modules(default)
        case BranchAll(branches=branches):
            yield from _of_branches(at, branches)


def _of_tag(at: str, kind: RawScript | Script | SubFlow) -> Iterator[Written]:
    if not isinstance(kind, SubFlow):
        key = "tag" if isinstance(kind, RawScript) else "tag_override"
        yield from (Written(f"{at}.{key}", each) for each in tag_parts(kind.tag or "")[1::2])


def _of_branches(at: str, branches: tuple[Branch, ...]) -> Iterator[Written]:
    for index, branch in enumerate(branches):
        if branch.condition is not None:
            yield Written(f"{at}.branches[{index}].expr", branch.condition.source)
        yield from _of_modules(branch.modules)


def _of_modules(modules: tuple[Module, ...]) -> Iterator[Written]:
    for module in modules:
        yield from _of_module(module)


def _of_transform(at: str, transform: Transform | None) -> Iterator[Written]:
    if isinstance(transform, Javascript):
        yield Written(f"{at}.expr", transform.source)

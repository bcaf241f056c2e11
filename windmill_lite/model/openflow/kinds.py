"""The value of a module, by its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from windmill_lite.model import limits
from windmill_lite.model.openflow.node import Node
from windmill_lite.model.openflow.shape import (
    AiAgent,
    Branch,
    BranchAll,
    BranchOne,
    Concurrency,
    ForLoop,
    Identity,
    Kind,
    Module,
    RawScript,
    Script,
    SubFlow,
    WhileLoop,
)
from windmill_lite.model.openflow.transforms import (
    fit,
    inputs,
    number,
    required_expression,
    tag_parts,
    transform,
)
from windmill_lite.model.target import network

#: Reads the list of modules under a key; given by `document.py`, which counts them.
ReadModules = Callable[[Node, str], tuple[Module, ...]]
_OWNERS = ("u/", "f/", "g/", "hub/")


def kind(node: Node, modules: ReadModules) -> Kind:
    type_ = node.required("type")
    reader = _READERS.get(type_) if isinstance(type_, str) else None
    if reader is None:
        raise node.wrong("type", f"there is no kind {str(type_)[:40]!r}: {', '.join(_READERS)}")
    return reader(node, modules)


def concurrency(node: Node, key_name: str) -> Concurrency | None:
    """At the flow the key is called `concurrency_key`, at a step `custom_concurrency_key`."""
    limit = node.whole("concurrent_limit", least=0)
    if not limit:
        return None
    return Concurrency(limit, node.text(key_name), node.whole("concurrency_time_window_s"))


def _raw_script(node: Node, _: ReadModules) -> Kind:
    node.required("content")
    node.required("language")
    content, language = node.text("content") or "", node.text("language") or ""
    if len(content.encode("utf-8", "surrogatepass")) > limits.CODE_BYTES_MAX:
        raise node.wrong("content", f"is larger than {limits.CODE_BYTES_MAX} bytes")
    if "\0" in content:
        raise node.wrong("content", "holds a NUL character")
    return RawScript(
        content,
        language,
        inputs(node),
        path=node.text("path"),
        lock=node.text("lock"),
        tag=_tag(node, "tag"),
        concurrency=concurrency(node, "custom_concurrency_key"),
        network=network(node.raw.get("network"), node.place("network")),
    )


def _script(node: Node, _: ReadModules) -> Kind:
    tag = _tag(node, "tag_override")
    return Script(_path(node), inputs(node), hash=node.text("hash"), tag=tag)


def _tag(node: Node, key: str) -> str | None:
    """As it stands, or filled in when the step is pushed."""
    tag = node.text(key)
    try:
        sources = tag_parts(tag or "")[1::2]
    except ValueError:
        raise node.wrong(key, "$flow_expr[ is not closed") from None
    for source in sources:
        fit(source, node.place(key))
    return tag


def _flow(node: Node, _: ReadModules) -> Kind:
    return SubFlow(_path(node), inputs(node))


def _path(node: Node) -> str:
    node.required("path")
    path = node.text("path") or ""
    if not path.startswith(_OWNERS) or len(path) > limits.PATH_CHARS_MAX:
        raise node.wrong("path", f"{path[:100]!r} must begin with {', '.join(_OWNERS)}")
    return path


def _for_loop(node: Node, modules: ReadModules) -> Kind:
    iterator = node.node("iterator")
    if iterator is None:
        raise node.wrong("iterator", "is missing")
    return ForLoop(
        modules(node, "modules"),
        transform(iterator),
        parallel=node.flag("parallel"),
        parallelism=number(node, "parallelism", least=1, most=limits.PARALLELISM_MAX),
        skip_failures=node.flag("skip_failures"),
        squash=node.flag("squash"),
    )


def _while_loop(node: Node, modules: ReadModules) -> Kind:
    return WhileLoop(
        modules(node, "modules"),
        skip_failures=node.flag("skip_failures"),
        squash=node.flag("squash"),
    )


def _branch_one(node: Node, modules: ReadModules) -> Kind:
    branches = tuple(
        Branch(modules(branch, "modules"), condition=required_expression(branch, "expr"))
        for branch in _branches(node)
    )
    return BranchOne(branches, modules(node, "default"))


def _branch_all(node: Node, modules: ReadModules) -> Kind:
    branches = tuple(
        Branch(modules(branch, "modules"), skip_failure=branch.flag("skip_failure"))
        for branch in _branches(node)
    )
    return BranchAll(branches, parallel=node.flag("parallel", default=True))


def _branches(node: Node) -> list[Node]:
    found = node.nodes("branches")
    if len(found) > limits.BRANCHES_MAX:
        raise node.wrong("branches", f"{len(found)} branches, at most {limits.BRANCHES_MAX}")
    return found


def _identity(_: Node, __: ReadModules) -> Kind:
    return Identity()


def _agent(node: Node, _: ReadModules) -> Kind:
    return AiAgent(inputs(node))


_READERS: Mapping[str, Callable[[Node, ReadModules], Kind]] = {
    "rawscript": _raw_script,
    "script": _script,
    "flow": _flow,
    "forloopflow": _for_loop,
    "whileloopflow": _while_loop,
    "branchone": _branch_one,
    "branchall": _branch_all,
    "identity": _identity,
    "aiagent": _agent,
}

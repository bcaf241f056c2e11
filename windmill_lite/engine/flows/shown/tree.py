"""All jobs of a run of a flow, as a tree: the flow first, below it what it pushed in the order of
its definition, and so on inwards. At most `FLOW_TREE_MAX` are told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from uuid import UUID

from windmill_lite.base.codec import Json
from windmill_lite.base.errors import NotFound
from windmill_lite.core.flow.plan import part_of
from windmill_lite.core.flow.refs import ChildName, parsed
from windmill_lite.engine.flows.show import opened
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import FLOW_KINDS
from windmill_lite.store.db.port import View
from windmill_lite.store.people import jobs
from windmill_lite.store.people.jobs import Leaf
from windmill_lite.store.people.scope import Scope

_BODIES = {"forloopflow": "iteration", "whileloopflow": "iteration"}


@dataclass(frozen=True, slots=True)
class Node:
    """`place` is the way from the outermost flow, step by step, as in `loop/a`. `place_in` is the
    kind of the module of which it is a body. `number` of `count` runs of the same step there.
    """

    job: Leaf
    depth: int
    label: str
    place: str = ""
    place_in: str | None = None
    number: int = 1
    count: int = 1


@dataclass(frozen=True, slots=True)
class Tree:
    nodes: list[Node]
    cut: bool  # there is more
    around: UUID | None  # the flow that the outermost of these is a step of


async def tree_of(world: World, scope: Scope, id: UUID, *, chars: int = 0) -> Tree:
    """With the first `chars` of each result. Fails: `NotFound` for what is no flow."""
    async with world.db.view() as view:
        top = await jobs.peek(view, scope, id)
        if top is None or top.kind not in FLOW_KINDS:
            raise NotFound(f"job {id} does not exist or is not a flow")
        leaf = (await jobs.leaves(view, scope, id=id, chars=chars, most=1))[0]
        waiting, found = [Node(leaf, 0, top.path or "flow")], list[Node]()
        while waiting and len(found) < limits.FLOW_TREE_MAX:
            node = waiting.pop()
            found.append(node)
            if node.job.kind in FLOW_KINDS:
                waiting += reversed(await _below(world, view, scope, node, chars=chars))
    return Tree(found, bool(waiting), top.parent_id)


async def _below(world: World, view: View, scope: Scope, node: Node, *, chars: int) -> list[Node]:
    most = limits.FLOW_TREE_MAX + 1
    leaves = await jobs.leaves(view, scope, parent=node.job.id, chars=chars, most=most)
    named = [(parsed(leaf.name), leaf) for leaf in leaves if leaf.name is not None]
    what = await opened(world, view, node.job.id) if named else None
    if what is None:
        return []
    kinds: dict[str, Json] = {
        step.id: part_of(what.flow.document, f"{step.at}.value.type") for step in what.plan.steps
    }
    order = {step: at for at, step in enumerate(kinds)}

    def place(entry: tuple[ChildName, Leaf]) -> tuple[int, ...]:
        name = entry[0]
        return order.get(name.step, len(order)), name.attempt, name.body or 0

    counts = Counter(name.step for name, _ in named)
    made, seen = list[Node](), Counter[str]()
    for name, leaf in sorted(named, key=place):
        seen[name.step] += 1
        inner = Node(leaf, node.depth + 1, _label(name, kinds), _way(node.place, name.step))
        kind = kinds.get(name.step)
        body = kind if name.body is not None and isinstance(kind, str) else None
        count, number = counts[name.step], seen[name.step]
        made.append(replace(inner, place_in=body, number=number, count=count))
    return made


def _way(outer: str, step: str) -> str:
    return f"{outer}/{step}" if outer else step


def _label(name: ChildName, kinds: dict[str, Json]) -> str:
    tried = f", try {name.attempt + 1}" if name.attempt else ""
    if name.body is None:
        return f"{name.step}{tried}"
    what = _BODIES.get(str(kinds.get(name.step)), "branch")
    return f"{name.step}, {what} {name.body + 1}{tried}"

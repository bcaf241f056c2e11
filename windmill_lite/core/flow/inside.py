"""What a flow inside of a flow gets from the one around it, what it tells it, and where it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from windmill_lite.base.codec import Json
from windmill_lite.core.flow.events import ChildDone
from windmill_lite.core.flow.plan import Modules, Plan, ids
from windmill_lite.core.flow.refs import Borrowed, Child, Many, Ref, body_id, child_id, parsed
from windmill_lite.core.flow.status import Ending, Level, Status
from windmill_lite.model.openflow.shape import BranchAll, BranchOne, ForLoop, Module, WhileLoop

ITER = "iter"
_PARENT = "_parent"


def body_args(
    args: Mapping[str, Json], module: Module, body: int, value: Json = None
) -> dict[str, Json]:
    """The arguments of a body: those of the flow around it, and in a loop `iter`.

    An `iter` that is there already is called `iter_parent` inside, that one `iter_parent_parent`,
    and so on. `value` is the item; a while loop has none, and its value is its index.
    """
    match module.kind:
        case ForLoop():
            turn = {"index": body, "value": value}
        case WhileLoop():
            turn = {"index": body, "value": body}
        case _:
            return dict(args)
    return {**_renamed(args), ITER: turn}


def _renamed(args: Mapping[str, Json]) -> dict[str, Json]:
    """Only an unbroken chain moves: an argument that happens to be called so stays."""
    chain, name = set(), ITER
    while name in args:
        chain.add(name)
        name += _PARENT
    return {f"{key}{_PARENT}" if key in chain else key: value for key, value in args.items()}


def prepared_args(result: Json) -> dict[str, Json]:
    """The arguments that a preprocessor's result becomes."""
    if result is None:
        return {}
    return result if isinstance(result, dict) else {"value": result}


def child_done(name: str, ending: Ending, level: Level) -> ChildDone:
    """The end of a flow as the one around it hears it.

    What stopped early and what was handled matter to a body's parent: they are of the same flow. A
    step of type flow is a step like others. A canceled one is not tried again.
    """
    inside = level is Level.BODY
    return ChildDone(
        name,
        ending.success,
        stopped=inside and ending.stopped,
        skipped=inside and ending.skipped,
        handled=inside and ending.handled,
        final=ending.canceled,
    )


def recovers(result: Json) -> bool:
    """Whether a failure module's result says that the flow is well again."""
    return isinstance(result, dict) and result.get("recover") is True


def ended_bodies(
    plan: Plan, status: Status, new: Mapping[str, Ref], *, wanted: str | None = None
) -> list[UUID]:
    """The runs of bodies whose results are seen from outside, since their step has ended: all
    branches, or the one that was chosen, or the last turn of a loop in sequence. Iterations at once
    have the same names many times over: theirs stay inside. Those in sequence that an earlier run
    did are seen at once.

    `new` has the results of steps that the status does not know to have ended yet. With `wanted`
    only those in which a step of that id is.
    """
    ended = _ended(plan, status) | dict(new)
    return [
        id
        for module in plan.steps
        if module.id in ended
        for id, modules in _begun(module, status.run, ended[module.id])
        if wanted is None or wanted in ids(modules)
    ]


def _ended(plan: Plan, status: Status) -> dict[str, Ref]:
    found: dict[str, Ref] = {}
    for module, step in zip(plan.steps, status.steps, strict=False):
        if step.ref is not None:
            found[module.id] = step.ref
        elif step.kept and not _at_once(module):
            found[module.id] = Many(module.id, step.attempt, step.kept[-1].until, step.kept)
    return found


def _at_once(module: Module) -> bool:
    return isinstance(module.kind, ForLoop | BranchAll) and module.kind.parallel


def _begun(module: Module, run: UUID, ref: Ref) -> Iterator[tuple[UUID, Modules]]:
    """Behind the result of a step; that of a skipped one is another's."""
    match module.kind, ref:
        case _, Borrowed(run=lender, ref=inner):
            yield from _begun(module, lender, inner)
        case BranchAll(branches=branches), Many(step=module.id, count=count):
            yield from ((body_id(run, ref, n), branches[n].modules) for n in range(count))
        case ForLoop(modules=modules, parallel=False), Many(step=module.id, count=count) if count:
            yield body_id(run, ref, count - 1), modules
        case WhileLoop(modules=modules), Many(step=module.id, count=count) if count:
            yield body_id(run, ref, count - 1), modules
        case BranchOne(branches=branches, default=default), Child(name=name):
            child = parsed(name)
            if child.step == module.id and child.body is not None:
                at = child.body
                yield child_id(run, child), default if at == len(branches) else branches[at].modules

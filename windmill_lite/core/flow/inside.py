"""What a flow inside of a flow gets from the one around it, and what it tells it."""

from __future__ import annotations

from collections.abc import Mapping

from windmill_lite.base.codec import Json
from windmill_lite.core.flow.events import ChildDone
from windmill_lite.core.flow.status import Ending, Level
from windmill_lite.model.openflow.shape import ForLoop, Module, WhileLoop

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

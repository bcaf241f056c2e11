"""Every arrow of the machine is travelled, and no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.core.flow._build import Doc, flow, handler, identity, leaf, loop
from tests.core.flow._coverage import SEEN
from tests.core.flow._records import ROOT, Fails, Run
from tests.core.flow._world import World
from windmill_lite.core.flow.advance import ARROWS
from windmill_lite.core.flow.events import Canceled, Woken
from windmill_lite.core.flow.plan import plan_of
from windmill_lite.core.flow.status import Phase, Status
from windmill_lite.model.openflow import read

ASKS: Doc = {"suspend": {"required_events": 1}}
GOES_ON: Doc = {"suspend": {"required_events": 1, "continue_on_disapprove_timeout": True}}
SLEEPS: Doc = {"sleep": 1}
TRIES: Doc = {"retry": {"constant": {"attempts": 1, "seconds": 1}}}
BROKEN = leaf("x", x="1 / 0")
AFTER: Mapping[Phase, list[Doc]] = {
    Phase.RUNNING: [leaf("x")],
    Phase.PAUSED: [identity("i", **SLEEPS), leaf("x")],
    Phase.GATED: [identity("i", **ASKS), leaf("x")],
    Phase.HANDLING: [BROKEN],
    Phase.DONE: [identity("i")],
}


def _fail(**args: Any) -> Any:
    raise Fails


def _world(*modules: Doc, prepare: bool = False, fails: bool = False) -> World:
    document = flow(*modules, failure_module=handler() | TRIES)
    if prepare:
        document["preprocessor_module"] = leaf("preprocessor", x="flow_input") | TRIES
    code = {name: _fail for name in ("failure", "f", "preprocessor") if fails}
    return World(document, prepare=prepare, code=code).start()


def _from_new() -> None:
    for modules in AFTER.values():
        _world(*modules)
    _world(prepare=True)


def _from_preparing() -> None:
    for modules in AFTER.values():
        _world(*modules, prepare=True).one()
    _world(prepare=True, fails=True).one()


def _from_running() -> None:
    for modules in AFTER.values():
        _world(leaf("f"), *modules).one()
    _world(leaf("f"), leaf("x")).one()


def _from_paused() -> None:
    for modules in AFTER.values():
        _world(identity("s", **SLEEPS), *modules).one()


def _from_gated() -> None:
    for modules in AFTER.values():
        _world(identity("s", **ASKS), *modules).resume("s")
        world = _world(identity("s", **GOES_ON), *modules)
        world.tell(ROOT, Woken(world.parked[ROOT].wait))


def _from_handling() -> None:
    world = _world(leaf("f"), fails=True)
    for _ in range(3):
        world.one()


def _in_batches() -> None:
    world = _world(loop("l", leaf("x"), over=str([0] * 600), parallel=True))
    world.tell(ROOT, Woken(world.root.status.waits))


def _canceled() -> None:
    for modules in AFTER.values():
        _world(*modules).tell(ROOT, Canceled())
    _world(prepare=True).tell(ROOT, Canceled())
    document = flow(leaf("x"))
    world, read_one = World(document), read(document)
    world.runs[ROOT] = Run(ROOT, read_one, plan_of(read_one), Status(ROOT), {}, scope=ROOT)
    world.tell(ROOT, Canceled())


TRAVELS: tuple[Callable[[], None], ...] = (
    _from_new,
    _from_preparing,
    _from_running,
    _from_paused,
    _from_gated,
    _from_handling,
    _in_batches,
    _canceled,
)


def test_every_arrow_is_travelled() -> None:
    SEEN.clear()
    for travel in TRAVELS:
        travel()
    missing = [
        f"{start} --{event.__name__}--> {end}"
        for (start, event), ends in ARROWS.items()
        for end in ends
        if (start, event, end) not in SEEN
    ]
    assert missing == []

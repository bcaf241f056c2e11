"""Loops and branches: their bodies are child flows, pushed one after the other or many at once."""

from __future__ import annotations

from windmill_lite.base.codec import Json
from windmill_lite.core.flow import errors
from windmill_lite.core.flow.effects import KeepItems, PushBodies, Wake
from windmill_lite.core.flow.ending import failed, stopped_inside, succeeded
from windmill_lite.core.flow.errors import shown
from windmill_lite.core.flow.events import Broken, ChildDone
from windmill_lite.core.flow.numbers import number
from windmill_lite.core.flow.refs import Child, Literal, Many
from windmill_lite.core.flow.status import Phase
from windmill_lite.core.flow.turn import Turn
from windmill_lite.model import limits
from windmill_lite.model.openflow.shape import BranchAll, BranchOne, ForLoop, Module, WhileLoop


def start_bodies(turn: Turn) -> bool:
    match turn.module.kind:
        case ForLoop() as loop:
            return _start_loop(turn, loop)
        case WhileLoop():
            begun = turn.step.kept[-1].until if turn.step.kept else 0
            turn.set_step(pushed=begun, done=begun)
            return _push(turn, 1)
        case BranchOne() as one:
            return _choose(turn, one)
        case BranchAll(branches=branches, parallel=parallel):
            return _start_many(turn, len(branches), None if parallel else 1)
    raise AssertionError("a step of another kind has no bodies")


def body_done(turn: Turn, event: ChildDone, body: int) -> bool:
    """A body of the current step ended; others may be under way."""
    step, module = turn.step, turn.module
    if not step.done < step.pushed or body >= step.pushed:
        return False
    if isinstance(module.kind, BranchOne):
        return body == step.branch and _branch_done(turn, event)
    if parallel(module):
        return _one_of_many_done(turn, event, body)
    return body == step.pushed - 1 and _turn_done(turn, event, body)


def push_more(turn: Turn) -> None:
    """The next batch of a step whose bodies are too many for one decision."""
    step = turn.step
    if step.count is not None and step.pushed < step.count and parallel(turn.module):
        _push_batch(turn)


def parallel(module: Module) -> bool:
    """Of bodies at once: what is pushed together."""
    return isinstance(module.kind, ForLoop | BranchAll) and module.kind.parallel


def results_so_far(turn: Turn) -> Many:
    step = turn.step
    return Many(turn.module.id, step.attempt, step.done, step.kept)


def _start_loop(turn: Turn, loop: ForLoop) -> bool:
    items: Json = turn.value(loop.iterator, turn.ask("iterator"))
    module = turn.module
    if isinstance(items, Broken):
        return failed(turn, errors.broken(items, step=module.id))
    if not isinstance(items, list):
        words = f"Expected an array value in the iterator expression, found: {shown(items)}"
        return failed(turn, errors.failed("InvalidIterator", words, step=module.id))
    if len(items) > limits.ITERATIONS_MAX:
        return failed(turn, _too_many(module, len(items)))
    width = 1.0 if not loop.parallel else None
    if loop.parallel:
        ask, most = turn.ask("parallelism"), limits.PARALLELISM_MAX
        asked = number(turn, loop.parallelism, ask, least=1, most=most)
        if isinstance(asked, Broken):
            return failed(turn, errors.broken(asked, step=module.id))
        width = asked
    if items:
        turn.emit(KeepItems(module.id, turn.step.attempt, items))
    return _start_many(turn, len(items), None if width is None else int(width))


def _start_many(turn: Turn, count: int, width: int | None) -> bool:
    step = turn.step
    begun = min(step.kept[-1].until, count) if step.kept else 0
    turn.set_step(count=count, width=width, pushed=begun, done=begun)
    if begun == count:
        ref = results_so_far(turn) if count else Literal("[]")
        return succeeded(turn, ref)
    if parallel(turn.module):
        _push_batch(turn)
        return False
    return _push(turn, 1)


def _push_batch(turn: Turn) -> None:
    """As many as may run and fit one decision; should more be allowed to run, go on at once."""
    step = turn.step
    assert step.count is not None, "who pushes many knows how many there are"
    room = step.count - step.pushed
    if step.width is not None:
        room = min(room, step.width - (step.pushed - step.done))
    if room > 0:
        _push(turn, min(room, limits.PUSH_BATCH))
    if room > limits.PUSH_BATCH:
        turn.emit(Wake(0, turn.next_wait()))


def _push(turn: Turn, count: int) -> bool:
    """Bodies from the next one on."""
    step, module = turn.step, turn.module
    resumption = turn.status.resumption
    effect = PushBodies(
        module,
        step.attempt,
        first=step.pushed,
        count=count,
        own_scope=parallel(module),
        resumption=resumption,
    )
    turn.set_step(pushed=step.pushed + count)
    turn.set(phase=Phase.RUNNING, resumption=None)
    turn.emit(effect)
    return False


def _choose(turn: Turn, one: BranchOne) -> bool:
    """The first branch whose condition holds; one that an earlier run chose stays chosen."""
    chosen = turn.step.branch if turn.status.resumption is not None else _holding(turn, one)
    if isinstance(chosen, Broken):
        return failed(turn, errors.broken(chosen, step=turn.module.id))
    assert chosen is not None, "who goes on inside a branch says in which"
    modules = one.branches[chosen].modules if chosen < len(one.branches) else one.default
    turn.set_step(branch=chosen, count=1, pushed=0, done=0)
    if not modules:
        return succeeded(turn, turn.previous)
    turn.set_step(pushed=chosen)
    return _push(turn, 1)


def _holding(turn: Turn, one: BranchOne) -> int | Broken:
    """As many as there are branches: the default."""
    for index, branch in enumerate(one.branches):
        assert branch.condition is not None, "a branch of a branchone has a condition"
        holds = turn.truth(branch.condition, turn.ask(f"branches[{index}].expr"))
        if isinstance(holds, Broken):
            return holds
        if holds:
            return index
    return len(one.branches)


def _branch_done(turn: Turn, event: ChildDone) -> bool:
    ref = Child(event.name)
    turn.set_step(done=turn.step.pushed)
    if not event.success:
        return failed(turn, ref, final=event.final, handled=event.handled)
    if event.stopped:
        return stopped_inside(turn, ref, skip=event.skipped)
    return succeeded(turn, ref)


def _turn_done(turn: Turn, event: ChildDone, body: int) -> bool:
    """One iteration or branch of those that run one after the other."""
    module = turn.module
    turn.set_step(done=body + 1)
    if not event.success and not _may_fail(module, body):
        ref = results_so_far(turn)
        return failed(turn, ref, final=event.final, handled=event.handled)
    if event.success and event.stopped and isinstance(module.kind, BranchAll):
        return stopped_inside(turn, results_so_far(turn), skip=event.skipped)
    breaks = event.stopped or (event.success and _breaks(turn, event))
    if isinstance(breaks, Broken):
        return failed(turn, errors.broken(breaks, step=module.id), final=True)
    if breaks or turn.step.done == turn.step.count:
        return succeeded(turn, results_so_far(turn))
    if turn.step.done >= limits.ITERATIONS_MAX:
        return failed(turn, _too_many(module, turn.step.done + 1), final=True)
    return _push(turn, 1)


def _breaks(turn: Turn, event: ChildDone) -> bool | Broken:
    """A loop's own `stop_after_if`, asked after an iteration."""
    stop = turn.module.stop_after
    if stop is None or isinstance(turn.module.kind, BranchAll):
        return False
    so_far = results_so_far(turn)
    ask = turn.ask("stop_after_if", result=Child(event.name), all_iters=so_far)
    return turn.truth(stop.condition, ask)


def _one_of_many_done(turn: Turn, event: ChildDone, body: int) -> bool:
    """The last one joins; a stop inside ends only the body itself."""
    step, module = turn.step, turn.module
    hard = not event.success and not _may_fail(module, body)
    turn.set_step(
        done=step.done + 1,
        failed=step.failed + hard,
        handled=step.handled or (hard and event.handled),
    )
    step = turn.step
    if step.done < (step.count or 0):
        if step.width is not None:
            _push_batch(turn)
        return False
    ref = results_so_far(turn)
    if step.failed:
        return failed(turn, ref, handled=step.handled)
    return succeeded(turn, ref)


def _may_fail(module: Module, body: int) -> bool:
    match module.kind:
        case ForLoop(skip_failures=may) | WhileLoop(skip_failures=may):
            return may
        case BranchAll(branches=branches):
            return branches[body].skip_failure
    return False


def _too_many(module: Module, count: int) -> Literal:
    words = f"{count} iterations, more than {limits.ITERATIONS_MAX}"
    return errors.failed("TooManyIterations", words, step=module.id)

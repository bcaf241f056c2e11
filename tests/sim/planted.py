"""The product with one guard less: what a careless change could take away.

Each of these must be noticed, or the harness is no better than the product with the fault. A plant
says where it is looked for: among the scenarios of the sweep, or in simulated clusters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from uuid import UUID

import pytest

from tests.sim import planted_ends as ends
from tests.sim import planted_flows as in_flows
from tests.sim import planted_waking as waking
from tests.sim.cluster.plan import WITH_FLOWS
from windmill_lite.core.jobs import lost
from windmill_lite.engine import finish, rescue
from windmill_lite.engine.finish import Report, Settled
from windmill_lite.engine.rules import keys
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import NewJob
from windmill_lite.model.schedule import Tick
from windmill_lite.scheduler.contact import Look
from windmill_lite.store.db.port import Rows, Tx, View
from windmill_lite.store.db.sqlfile import Queries, parse
from windmill_lite.store.machine import claims, leases, logbook, queue, schedules
from windmill_lite.store.machine.claims import Taken
from windmill_lite.store.machine.places import Left, Lost, Spot
from windmill_lite.worker.heartbeat import Heartbeat
from windmill_lite.worker.slot import Bench

Patch = pytest.MonkeyPatch
SEEDS = 200


@dataclass(frozen=True, slots=True)
class Planted:
    """`plant` takes the guard away. `scenario` is swept; without one, clusters are run, in which
    some kinds of steps come `more` often, from the seed `first` on: there it is found sooner.
    """

    plant: Callable[[Patch], None]
    scenario: str = ""
    more: Mapping[str, int] = field(default_factory=dict)
    first: int = 0

    @property
    def name(self) -> str:
        return self.plant.__name__


def rewritten(patch: Patch, queries: Queries, name: str, old: str, new: str) -> None:
    """One query of a file says something else, on both databases."""
    before = queries.all()[name]
    folder = resources.files("windmill_lite.store.machine")
    source = folder.joinpath(before.file).read_text("utf-8")
    start = source.index(f"-- name: {name}\n")
    end = source.find("\n-- name:", start + 1)
    text = source[start : end if end > 0 else None]
    assert old in text, f"the query {name} does not say {old!r} any more"
    patch.setattr(queries, name, parse(text.replace(old, new), before.file)[name])


# ---- fencing ------------------------------------------------------------------------------------


def any_attempt_may_finish(patch: Patch) -> None:
    rewritten(patch, queue.Q, "leave", "attempt = :attempt", "attempt >= :attempt")


def what_does_not_run_may_be_finished(patch: Patch) -> None:
    rewritten(patch, queue.Q, "leave", "and state = 'running'", "")


def any_attempt_may_write_the_log(patch: Patch) -> None:
    rewritten(patch, logbook.Q, "append", "q.attempt = :attempt", "q.attempt >= :attempt")


def claims_do_not_count(patch: Patch) -> None:
    text = "attempt = attempt + 1"
    _claim_rewritten(patch, text, "attempt = attempt")


def running_jobs_may_be_claimed(patch: Patch) -> None:
    _claim_rewritten(patch, "r.state = 'queued'", "r.state in ('queued', 'running')")


def _claim_rewritten(patch: Patch, old: str, new: str) -> None:
    folder = resources.files("windmill_lite.store.machine")
    source = folder.joinpath("claims.sql").read_text("utf-8")
    assert old in source, f"no claim says {old!r} any more"
    patch.setattr(claims.Q, "claim", parse(source.replace(old, new), "claims.sql")["claim"])


def whoever_asks_may_hand_back(patch: Patch) -> None:
    rewritten(patch, queue.Q, "hand_back", "worker_id = :worker_id", "worker_id <> :worker_id")


def whoever_asks_twice_hands_back_twice(patch: Patch) -> None:
    rewritten(patch, queue.Q, "hand_back", "started_at = :started_at", ":started_at >= 0")


# ---- cancellation -------------------------------------------------------------------------------


def canceled_jobs_are_queued_again(patch: Patch) -> None:
    rewritten(patch, queue.Q, "requeue_lost", "and canceled_by is null", "")
    verdict = lost.verdict
    patch.setattr(rescue, "verdict", lambda **facts: verdict(**(facts | {"canceled": False})))


def a_report_wins_over_a_cancellation(patch: Patch) -> None:
    leave = queue.leave

    async def forgetful(tx: Tx, job_id: UUID, attempt: int) -> Left | None:
        left = await leave(tx, job_id, attempt)
        return left and left._replace(canceled_by=None, canceled_reason=None)

    patch.setattr(queue, "leave", forgetful)


def canceled_jobs_are_tried_again(patch: Patch) -> None:
    rewritten(patch, queue.Q, "retry_of", "and q.canceled_by is null", "")
    rewritten(patch, queue.Q, "requeue_failed", "and canceled_by is null", "")


# ---- transactions -------------------------------------------------------------------------------


def a_finish_is_two_transactions(patch: Patch) -> None:
    async def twofold(world: World, report: Report, ask: object = None) -> Settled:
        left = await world.db.write(lambda tx: queue.leave(tx, report.job_id, report.attempt))
        if left is None:
            return Settled(accepted=False)
        ending = finish._ending(report, left, world.now())
        await world.db.write(lambda tx: queue.complete(tx, report.job_id, ending))
        return Settled(accepted=True)

    patch.setattr(finish, "finish", twofold)


def a_finished_job_stays_in_the_queue(patch: Patch) -> None:
    columns = ", ".join(Left._fields)
    where = "where id = :id and attempt = :attempt and state = 'running'"
    source = f"-- name: leave\nselect {columns} from job_queue {where}"
    patch.setattr(queue.Q, "leave", parse(source, "planted")["leave"])


def a_push_forgets_the_queue(patch: Patch) -> None:
    async def half(tx: Tx, job: NewJob, spot: Spot) -> bool:
        facts = await insert(tx, job, spot)
        await tx.run(forget, id=job.id)
        return facts

    def first(job: NewJob, spot: Spot) -> Rows:
        return replace(rows(job, spot), rows=rows(job, spot).rows[:1])

    insert, rows = queue.insert, queue.rows
    source = "-- name: forget\ndelete from job_queue where id = :id"
    forget = parse(source, "planted")["forget"]
    patch.setattr(queue, "insert", half)
    patch.setattr(queue, "rows", first)


# ---- rescue -------------------------------------------------------------------------------------


def a_rescue_does_not_look_again(patch: Patch) -> None:
    """It takes back what was lost when it looked first, whatever has happened since."""
    look, seen = queue.lost, list[Lost]()

    async def once(view: View, *, at: int, before: int, most: int) -> list[Lost]:
        if most == 1:
            seen[:] = await look(view, at=at, before=before, most=limits.RESCUE_BATCH)
        return list(seen)

    patch.setattr(queue, "lost", once)
    guards = "and attempt = :attempt and state = 'running'"
    rewritten(patch, queue.Q, "requeue_lost", guards, "and :attempt >= 0")


def lost_claims_are_kept(patch: Patch) -> None:
    async def nothing(self: Heartbeat) -> None:
        return

    patch.setattr(Heartbeat, "_return_unknown", nothing)


def nobody_is_rescued(patch: Patch) -> None:
    async def nothing(world: World, *, at: int | None = None) -> int:
        return 0

    patch.setattr("windmill_lite.scheduler.rescuer.rescue", nothing)
    patch.setattr(rescue, "rescue_after_restart", nothing)


def jobs_without_contact_begin(patch: Patch) -> None:
    patch.setattr(Bench, "in_contact", lambda _self: True)


def there_is_no_guard(patch: Patch) -> None:
    patch.setattr(limits, "WORKER_GUARD", 100.0)


def silence_is_measured_by_everybodys_own_clock(patch: Patch) -> None:
    async def own(view: View, *, ours: int) -> int:
        return ours

    patch.setattr(leases, "now", own)


def jumps_of_the_clock_are_not_seen(patch: Patch) -> None:
    patch.setattr(Look, "differs_from", lambda _self, _last: 0.0)


# ---- concurrency keys ---------------------------------------------------------------------------


def full_keys_let_jobs_start(patch: Patch) -> None:
    async def starts(tx: Tx, job: Taken, *, now: int, wait: bool) -> keys.Gate:
        return keys.Gate.STARTS

    patch.setattr(keys, "admit", starts)


def nobody_is_woken_when_there_is_room(patch: Patch) -> None:
    async def nobody(tx: Tx, wanted: Iterable[str | None], *, now: int) -> bool:
        return False

    patch.setattr(keys, "release", nobody)


def windows_never_move(patch: Patch) -> None:
    async def nothing(world: World) -> int:
        return 0

    patch.setattr("windmill_lite.scheduler.waker.wake", nothing)


# ---- schedules ----------------------------------------------------------------------------------


def ticks_have_no_record(patch: Patch) -> None:
    async def unrecorded(tx: Tx, tick: Tick) -> bool:
        return True

    patch.setattr(schedules, "record", unrecorded)


PLANTED = (
    Planted(ends.canceled_jobs_may_have_new_children, "push_below_what_was_canceled"),
    Planted(ends.what_is_started_once_is_handed_back, more={"restart": 40}, first=17),
    Planted(in_flows.statuses_are_stored_over_each_other, more=WITH_FLOWS),
    Planted(in_flows.nobody_tells_a_flow_what_it_lost, more=WITH_FLOWS, first=17),
    Planted(in_flows.a_step_ends_apart_from_its_flow, more=WITH_FLOWS),
    Planted(any_attempt_may_finish, "finish_what_runs_elsewhere"),
    Planted(what_does_not_run_may_be_finished, first=6),
    Planted(any_attempt_may_write_the_log, "say_something_while_it_runs_elsewhere"),
    Planted(claims_do_not_count),
    Planted(running_jobs_may_be_claimed),
    Planted(whoever_asks_may_hand_back, "hand_back_what_runs_elsewhere"),
    Planted(whoever_asks_twice_hands_back_twice, "hand_back_what_was_claimed_again"),
    Planted(canceled_jobs_are_queued_again, first=6),
    Planted(a_report_wins_over_a_cancellation),
    Planted(a_finish_is_two_transactions, "finish_one"),
    Planted(a_finished_job_stays_in_the_queue, "finish_one"),
    Planted(a_push_forgets_the_queue, "push_a_preview"),
    Planted(a_rescue_does_not_look_again, first=24),
    Planted(lost_claims_are_kept),
    Planted(nobody_is_rescued),
    Planted(canceled_jobs_are_tried_again, "fail_what_was_canceled"),
    Planted(silence_is_measured_by_everybodys_own_clock),
    Planted(jumps_of_the_clock_are_not_seen, first=17),
    Planted(ticks_have_no_record),
    Planted(full_keys_let_jobs_start),
    Planted(nobody_is_woken_when_there_is_room),
    Planted(windows_never_move),
    Planted(jobs_without_contact_begin),
    Planted(there_is_no_guard, first=24),
    Planted(waking.a_push_rings_nobody),
    Planted(waking.nobody_polls),
    Planted(waking.delayed_jobs_are_forgotten),
)

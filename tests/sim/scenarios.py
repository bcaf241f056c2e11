"""The table of what is swept. A new verb of the engine belongs here, as a row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.sim import scenarios_cancel as cancel
from tests.sim import scenarios_keeping as keeping
from tests.sim import scenarios_loss as loss
from tests.sim import scenarios_people as people
from tests.sim import scenarios_push as push
from tests.sim import scenarios_rules as rules
from tests.sim import scenarios_schedules as schedules
from tests.sim import scenarios_work as work
from tests.sim.stage import Stage

Act = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`act` arms the stage and is broken in the middle; `again` is what a person then does."""

    act: Act
    again: Act | None = None

    @property
    def name(self) -> str:
        return self.act.__name__


SCENARIOS = (
    Scenario(push.push_a_preview),
    Scenario(push.push_what_is_deployed),
    Scenario(push.push_one_version),
    Scenario(push.push_for_later),
    Scenario(push.push_within_a_limit),
    Scenario(push.push_beyond_a_limit),
    Scenario(push.push_a_child),
    Scenario(push.push_twice),
    Scenario(push.push_three),
    Scenario(work.claim_one),
    Scenario(work.claim_several),
    Scenario(work.claim_nothing),
    Scenario(work.claim_before_anybody_knows_the_worker),
    Scenario(work.finish_one),
    Scenario(work.finish_with_the_rest_of_the_log),
    Scenario(work.finish_and_take_the_next),
    Scenario(work.finish_and_find_nothing),
    Scenario(work.finish_what_was_canceled),
    Scenario(work.finish_what_was_taken_away),
    Scenario(work.finish_what_runs_elsewhere),
    Scenario(work.finish_twice),
    Scenario(work.say_one_thing),
    Scenario(work.say_three_things),
    Scenario(work.say_it_twice),
    Scenario(work.say_it_too_late),
    Scenario(work.say_something_while_it_runs_elsewhere),
    Scenario(work.work_through_a_row_of_jobs),
    Scenario(loss.hand_back),
    Scenario(loss.hand_back_what_was_canceled),
    Scenario(loss.hand_back_and_claim_again),
    Scenario(loss.hand_back_what_runs_elsewhere),
    Scenario(loss.hand_back_what_was_claimed_again),
    Scenario(loss.lose_an_attempt),
    Scenario(loss.lose_the_last_attempt),
    Scenario(loss.lose_what_was_canceled),
    Scenario(loss.lose_what_is_started_once),
    Scenario(loss.rescue_what_is_started_once),
    Scenario(loss.rescue_one),
    Scenario(loss.rescue_several_of_each_kind),
    Scenario(loss.rescue_nothing),
    Scenario(loss.rescue_after_a_restart),
    Scenario(loss.rescue_from_the_dead),
    Scenario(loss.appear_and_leave),
    Scenario(loss.forget_the_silent),
    Scenario(loss.obey_orders),
    Scenario(loss.a_life_with_everything),
    Scenario(loss.change_workers_in_the_middle),
    Scenario(loss.cancel_and_rescue),
    Scenario(cancel.cancel_a_queued_job),
    Scenario(cancel.cancel_a_running_job),
    Scenario(cancel.cancel_a_job_twice),
    Scenario(cancel.cancel_and_claim),
    Scenario(cancel.cancel_what_waits_for_its_time),
    Scenario(cancel.cancel_by_force_what_runs),
    Scenario(cancel.cancel_by_force_what_is_queued),
    Scenario(cancel.cancel_gently_then_by_force),
    Scenario(cancel.cancel_what_has_completed),
    Scenario(cancel.cancel_a_tree),
    Scenario(cancel.cancel_a_tree_by_force),
    Scenario(cancel.cancel_a_tree_in_several_steps),
    Scenario(cancel.push_below_what_was_canceled),
    Scenario(cancel.push_a_child_and_cancel),
    Scenario(rules.fail_and_be_tried_again),
    Scenario(rules.fail_and_take_the_next),
    Scenario(rules.fail_for_the_last_time),
    Scenario(rules.fail_what_was_canceled),
    Scenario(rules.fail_what_runs_elsewhere),
    Scenario(rules.cancel_what_waits_for_its_next_try),
    Scenario(rules.claim_the_next_try),
    Scenario(rules.push_with_a_key),
    Scenario(rules.forget_old_keys),
    Scenario(rules.claim_of_a_full_key),
    Scenario(rules.push_behind_a_full_key),
    Scenario(rules.finish_and_make_room),
    Scenario(rules.fail_and_make_room),
    Scenario(rules.cancel_by_force_and_make_room),
    Scenario(rules.cancel_what_is_blocked),
    Scenario(rules.hand_back_and_make_room),
    Scenario(rules.lose_and_make_room),
    Scenario(rules.rescue_and_make_room),
    Scenario(rules.wait_for_a_window),
    Scenario(rules.push_the_newer_of_two),
    Scenario(rules.push_what_was_answered),
    Scenario(rules.finish_what_answers_others),
    Scenario(rules.delete_what_was_kept_long_enough),
    Scenario(schedules.make_a_schedule, again=schedules.made),
    Scenario(schedules.have_one_tick, again=schedules.ticked),
    Scenario(schedules.have_several_ticks_at_once, again=schedules.ticked),
    Scenario(schedules.have_a_tick_after_a_long_silence, again=schedules.ticked),
    Scenario(schedules.have_a_tick_that_overlaps, again=schedules.ticked),
    Scenario(schedules.have_a_tick_of_nothing, again=schedules.ticked),
    Scenario(schedules.have_a_tick_in_two_schedulers, again=schedules.ticked),
    Scenario(schedules.edit_a_schedule, again=schedules.paused),
    Scenario(schedules.pause_a_schedule, again=schedules.paused),
    Scenario(schedules.remove_a_schedule, again=schedules.removed),
    Scenario(people.open_a_world, again=people.opened),
    Scenario(people.set_up_the_first_admin, again=people.set_up),
    Scenario(people.make_the_first_account, again=people.first_account),
    Scenario(people.log_in, again=people.logged_in),
    Scenario(people.fail_to_log_in, again=people.logged_in),
    Scenario(people.log_out, again=people.logged_in),
    Scenario(people.use_a_token_after_a_while, again=people.logged_in),
    Scenario(people.make_a_token, again=people.logged_in),
    Scenario(people.make_a_workspace, again=people.workspace_made),
    Scenario(people.bring_in_a_member, again=people.member_there),
    Scenario(people.change_a_password, again=people.logged_in),
    Scenario(people.make_an_account, again=people.account_made),
    Scenario(people.deploy_a_script, again=people.deployed_next),
    Scenario(people.deploy_the_next_version, again=people.deployed_next),
    Scenario(people.move_a_script, again=people.moved),
    Scenario(people.archive_a_script, again=people.deployed_next),
    Scenario(people.archive_one_version, again=people.deployed_next),
    Scenario(people.deploy_three_versions, again=people.deployed_next),
    Scenario(people.delete_a_script, again=people.deleted),
    Scenario(people.delete_the_newest_version, again=people.deployed_next),
    Scenario(keeping.take_a_lease, again=keeping.lease_taken),
    Scenario(keeping.renew_a_lease, again=keeping.lease_taken),
    Scenario(keeping.resign_a_lease, again=keeping.lease_taken),
    Scenario(keeping.say_how_long_runs_are_kept, again=keeping.retention_said),
)

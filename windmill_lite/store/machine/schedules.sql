-- Schedules and their ticks, for the engine.

-- name: schedule
select * from schedule where workspace = :workspace and path = :path

-- name: due
-- Those whose next tick has come, the oldest debt first.
select * from schedule where next_at <= :now order by next_at, workspace, path limit :most

-- name: next_at
-- When the earliest tick of all comes; null when no schedule has one.
select min(next_at) as next_at from schedule where next_at is not null

-- name: insert_schedule
insert into schedule(
  workspace, path, script_path, is_flow, cron, timezone, enabled, args, summary, description, tag, no_overlap,
  paused_until, options, edited_by, edited_at, permissioned_as, email, next_at, last_at, error)
values (
  :workspace, :path, :script_path, :is_flow, :cron, :timezone, :enabled, :args, :summary, :description, :tag, :no_overlap,
  :paused_until, :options, :edited_by, :edited_at, :permissioned_as, :email, :next_at, :last_at, :error)
on conflict (workspace, path) do nothing

-- name: edit_schedule
-- Everything but the address, what it starts, and the ticks that had their turn.
update schedule set
  cron = :cron, timezone = :timezone, enabled = :enabled, args = :args, summary = :summary,
  description = :description, tag = :tag, no_overlap = :no_overlap, paused_until = :paused_until,
  options = :options, edited_by = :edited_by, edited_at = :edited_at, permissioned_as = :permissioned_as,
  email = :email, next_at = :next_at, error = :error
where workspace = :workspace and path = :path

-- name: delete_schedule
delete from schedule where workspace = :workspace and path = :path

-- name: delete_ticks
delete from tick where workspace = :workspace and path = :path

-- name: advance
-- The ticks up to `last_at` have their turn now, unless somebody was faster or the schedule was edited.
update schedule set next_at = :next_at, last_at = :last_at, error = :error
where workspace = :workspace and path = :path and next_at = :seen_next_at and edited_at = :seen_edited_at

-- name: insert_tick
insert into tick(workspace, path, at, until, count, job_id, skipped, reason, recorded_at)
values (:workspace, :path, :at, :until, :count, :job_id, :skipped, :reason, :recorded_at)
on conflict (workspace, path, at) do nothing

-- name: trim_ticks
-- All but the newest `kept`.
delete from tick
where workspace = :workspace and path = :path and at <= (
  select at from tick where workspace = :workspace and path = :path order by at desc limit 1 offset :kept)

-- name: live_tick
-- A job of the schedule's ticks that has not ended yet.
select t.job_id from tick t join job_queue q on q.id = t.job_id
where t.workspace = :workspace and t.path = :path
order by t.at desc limit 1

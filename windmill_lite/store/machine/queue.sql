-- The queue: what was asked (job), what is alive (job_queue), how it ended (job_done).
-- Every write to a running job names its attempt; no row changed means "no longer yours".

-- name: insert_job
-- A job of an id that exists already changes nothing: pushing twice is harmless.
insert into job(
  id, workspace, kind, created_by, permissioned_as, email, created_at, scheduled_for, tag, args,
  path, script_hash, language, priority, timeout_s, parent_id, root_id, step_id, child_name, schedule_path,
  trigger_kind, visible_to_owner, max_attempts, raw_code, raw_lock, retry, concurrency_key, concurrent_limit,
  concurrency_window_s, cache_key, cache_ttl_s, delete_after_s, cell)
values (
  :id, :workspace, :kind, :created_by, :permissioned_as, :email, :created_at, :scheduled_for, :tag, :args,
  :path, :script_hash, :language, :priority, :timeout_s, :parent_id, :root_id, :step_id, :child_name, :schedule_path,
  :trigger_kind, :visible_to_owner, :max_attempts, :raw_code, :raw_lock, :retry, :concurrency_key, :concurrent_limit,
  :concurrency_window_s, :cache_key, :cache_ttl_s, :delete_after_s, :cell)
on conflict (id) do nothing

-- name: insert_queued
insert into job_queue(
  id, workspace, tag, priority, created_at, scheduled_for, concurrency_key, cache_key, delete_after_s,
  state, debounce_key, debounced_since, debounced)
values (
  :id, :workspace, :tag, :priority, :created_at, :scheduled_for, :concurrency_key, :cache_key, :delete_after_s,
  :state, :debounce_key, :debounced_since, :debounced)

-- name: insert_both [postgres only]
-- Only for Postgres, `insert_job` and `insert_queued` in one: a round trip costs more than either.
with facts as (
  insert into job(
    id, workspace, kind, created_by, permissioned_as, email, created_at, scheduled_for, tag, args,
    path, script_hash, language, priority, timeout_s, parent_id, root_id, step_id, child_name, schedule_path,
    trigger_kind, visible_to_owner, max_attempts, raw_code, raw_lock, retry, concurrency_key, concurrent_limit,
    concurrency_window_s, cache_key, cache_ttl_s, delete_after_s, cell)
  values (
    :id, :workspace, :kind, :created_by, :permissioned_as, :email, :created_at, :scheduled_for, :tag, :args,
    :path, :script_hash, :language, :priority, :timeout_s, :parent_id, :root_id, :step_id, :child_name, :schedule_path,
    :trigger_kind, :visible_to_owner, :max_attempts, :raw_code, :raw_lock, :retry, :concurrency_key, :concurrent_limit,
    :concurrency_window_s, :cache_key, :cache_ttl_s, :delete_after_s, :cell)
  on conflict (id) do nothing
  returning id, workspace, tag, priority, created_at, scheduled_for, concurrency_key, cache_key, delete_after_s)
insert into job_queue(
  id, workspace, tag, priority, created_at, scheduled_for, state, concurrency_key, cache_key, delete_after_s,
  debounce_key, debounced_since, debounced)
select
  id, workspace, tag, priority, created_at, scheduled_for, :state, concurrency_key, cache_key, delete_after_s,
  :debounce_key, cast(:debounced_since as bigint), cast(:debounced as integer)
from facts

-- name: count_queued
-- At most `most` rows are looked at: enough to know whether a limit is passed.
select count(*) as queued from (
  select 1 as one from job_queue
  where workspace = :workspace and state in ('delayed', 'queued', 'blocked')
  limit :most) as seen

-- name: leave
-- Ends the given attempt of a running job.
delete from job_queue
where id = :id and attempt = :attempt and state = 'running'
returning attempt, retries, started_at, canceled_by, canceled_reason, concurrency_key,
  cache_key, delete_after_s

-- name: set_args
update job set args = :args, preprocessed = 1 where id = :id

-- name: insert_done
insert into job_done(
  id, workspace, kind, path, script_hash, language, created_by, permissioned_as, visible_to_owner, created_at,
  tag, schedule_path, trigger_kind, outcome, root, parent_id, started_at, completed_at, duration_ms, attempt,
  worker, sandbox, memory_peak_kb, cpu_ms, canceled_by, canceled_reason, labels, result, retries, delete_at)
select
  id, workspace, kind, path, script_hash, language, created_by, permissioned_as, visible_to_owner, created_at,
  tag, schedule_path, trigger_kind, :outcome, case when parent_id is null then 1 else 0 end, parent_id,
  cast(:started_at as bigint), cast(:completed_at as bigint), cast(:duration_ms as bigint), cast(:attempt as smallint),
  :worker, :sandbox, cast(:memory_peak_kb as bigint), cast(:cpu_ms as bigint), :canceled_by, :canceled_reason, :labels, :result,
  cast(:retries as smallint),
  cast(:delete_at as bigint)
from job where id = :id

-- name: end_well [postgres only]
-- Only for Postgres, `leave` and `insert_done` in one, for the success of a job that nobody canceled: a round trip
-- costs more than either. No row: nothing has happened.
with gone as (
  delete from job_queue
  where id = :id and attempt = :attempt and state = 'running' and canceled_by is null
  returning id, attempt, retries, started_at, canceled_by, canceled_reason, concurrency_key,
    cache_key, delete_after_s),
done as (
  insert into job_done(
    id, workspace, kind, path, script_hash, language, created_by, permissioned_as, visible_to_owner, created_at,
    tag, schedule_path, trigger_kind, outcome, root, parent_id, started_at, completed_at, duration_ms, attempt,
    worker, sandbox, memory_peak_kb, cpu_ms, result, retries, delete_at)
  select
    j.id, j.workspace, j.kind, j.path, j.script_hash, j.language, j.created_by, j.permissioned_as,
    j.visible_to_owner, j.created_at, j.tag, j.schedule_path, j.trigger_kind, 'success',
    case when j.parent_id is null then 1 else 0 end, j.parent_id, g.started_at, cast(:now as bigint),
    greatest(0, (cast(:now as bigint) - g.started_at) / 1000), g.attempt,
    cast(:worker as text), cast(:sandbox as text), cast(:memory_peak_kb as bigint), cast(:cpu_ms as bigint),
    cast(:result as text), g.retries, cast(:now as bigint)
      + case g.delete_after_s when 0 then cast(:grace_s as integer) else g.delete_after_s end * bigint '1000000'
  from gone g join job j on j.id = g.id)
select attempt, retries, started_at, canceled_by, canceled_reason, concurrency_key, cache_key, delete_after_s
from gone

-- name: write_well
-- What `end_well` writes, while the job is still in the queue.
insert into job_done(
  id, workspace, kind, path, script_hash, language, created_by, permissioned_as, visible_to_owner, created_at,
  tag, schedule_path, trigger_kind, outcome, root, parent_id, started_at, completed_at, duration_ms, attempt,
  worker, sandbox, memory_peak_kb, cpu_ms, result, retries, delete_at)
select
  j.id, j.workspace, j.kind, j.path, j.script_hash, j.language, j.created_by, j.permissioned_as,
  j.visible_to_owner, j.created_at, j.tag, j.schedule_path, j.trigger_kind, 'success',
  case when j.parent_id is null then 1 else 0 end, j.parent_id, q.started_at, cast(:now as bigint),
  case when q.started_at < cast(:now as bigint) then (cast(:now as bigint) - q.started_at) / 1000 else 0 end, q.attempt,
  cast(:worker as text), cast(:sandbox as text), cast(:memory_peak_kb as bigint), cast(:cpu_ms as bigint),
  cast(:result as text), q.retries, cast(:now as bigint)
    + case q.delete_after_s when 0 then cast(:grace_s as integer) else q.delete_after_s end * cast(1000000 as bigint)
from job_queue q join job j on j.id = q.id
where q.id = :id and q.attempt = :attempt and q.state = 'running' and q.canceled_by is null

-- name: insert_label
-- A label that is said twice is one.
insert into job_label(workspace, label, created_at, job_id)
select workspace, :label, created_at, id from job where id = :id
on conflict do nothing

-- name: state_of
select j.workspace, q.state, q.attempt, q.worker_id, d.outcome
from job j
left join job_queue q on q.id = j.id
left join job_done d on d.id = j.id
where j.id = :id

-- name: held
-- The running jobs of one worker, with what was asked of them since.
select id, attempt, canceled_by, canceled_reason from job_queue
where worker_id = :worker_id and state = 'running'

-- name: hand_back
-- An interrupted attempt does not count. As its number is given again, the worker is named too, and
-- by who knows it the moment of the claim: who asks twice must not take the job from the next one, and
-- that may be the same worker.
update job_queue
set state = 'queued', attempt = attempt - 1, worker_id = null, started_at = null
where id = :id and attempt = :attempt and worker_id = :worker_id and state = 'running' and canceled_by is null
  and started_at = :started_at --? started_at
returning concurrency_key

-- name: waiting
-- The newest job of a debounce key that waits out its delay; one that has begun is no longer put off.
-- `between` keeps Postgres from walking through all delayed jobs in `queue_delayed`, here and below.
select q.id, q.debounced_since as since, q.debounced as count, j.path, j.permissioned_as, j.args
from job_queue q join job j on j.id = q.id
where q.debounce_key = :key and q.workspace = :workspace and q.state between 'delayed' and 'delayed'
  and q.attempt = 0
order by q.debounced_since desc, q.scheduled_for desc
limit 1

-- name: leave_waiting
delete from job_queue
where id = :id and state between 'delayed' and 'delayed' and attempt = 0
returning attempt, retries, started_at, canceled_by, canceled_reason, concurrency_key,
  cache_key, delete_after_s

-- name: leave_canceled
-- Ends a job that was canceled before its worker could return it.
delete from job_queue
where id = :id and attempt = :attempt and worker_id = :worker_id and state = 'running' and canceled_by is not null
  and started_at = :started_at --? started_at
returning attempt, retries, started_at, canceled_by, canceled_reason, concurrency_key,
  cache_key, delete_after_s

-- name: lost
-- Running jobs whose worker is silent since `before` and for longer than its own lease, or unknown; or
-- those of one worker.
select q.id, q.attempt, q.retries, q.started_at, q.canceled_by, j.max_attempts, j.step_id,
       w.name as worker
from job_queue q
join job j on j.id = q.id
left join worker w on w.id = q.worker_id
where q.state = 'running'
  and (w.id is null or w.last_seen_at < :before and w.last_seen_at + w.lease_us < :now) --? before now
  and q.worker_id = :worker_id --? worker_id
order by q.worker_id
limit :most

-- name: requeue_lost
-- A canceled job is not started again.
update job_queue
set state = 'queued', worker_id = null, started_at = null
where id = :id and attempt = :attempt and state = 'running' and canceled_by is null
returning concurrency_key

-- name: retry_of
-- How a running attempt is tried again should it fail; no row when it is not.
select j.retry, q.retries, q.started_at
from job_queue q join job j on j.id = q.id
where q.id = :id and q.attempt = :attempt and q.state = 'running' and q.canceled_by is null
  and j.retry is not null

-- name: requeue_failed
-- A canceled job is not tried again.
update job_queue
set state = 'delayed', scheduled_for = :scheduled_for, retries = retries + 1, worker_id = null, started_at = null
where id = :id and attempt = :attempt and state = 'running' and canceled_by is null
returning concurrency_key

-- name: running_attempt
-- The rights a job's own token speaks for, while that attempt runs.
select j.workspace, j.email, j.permissioned_as
from job_queue q join job j on j.id = q.id
where q.id = :id and q.attempt = :attempt and q.state = 'running'

-- name: run_now
-- What waits for its time comes due; a flow that has begun waits for a time of its own.
update job_queue set scheduled_for = cast(:now as bigint)
where id = :id and state = 'delayed' and scheduled_for > :now
  and not exists (select 1 from flow_run r where r.id = job_queue.id and r.begun_at is not null)

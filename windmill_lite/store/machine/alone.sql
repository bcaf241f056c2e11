-- What every job goes through, each as one statement that may commit by itself: on Postgres a round trip costs
-- more than what is done in it. Whatever depends on more than is said here goes step by step.

-- name: enter [postgres only]
-- Only for Postgres, `insert_job` and `insert_queued` for many jobs at once: `jobs` is a JSON array of their
-- facts. Those that were not there before are told.
with asked as materialized (
  select * from json_to_recordset(cast(:jobs as json)) as a(
    id uuid, workspace text, kind text, path text, script_hash text, language text, created_by text,
    permissioned_as text, email text, created_at bigint, scheduled_for bigint, tag text, priority smallint,
    timeout_s integer, schedule_path text, trigger_kind text, visible_to_owner smallint, max_attempts smallint,
    args text, raw_code text, raw_lock text, retry text, delete_after_s integer, cell text, state text)),
facts as (
  insert into job(
    id, workspace, kind, path, script_hash, language, created_by, permissioned_as, email, created_at,
    scheduled_for, tag, priority, timeout_s, schedule_path, trigger_kind, visible_to_owner, max_attempts, args,
    raw_code, raw_lock, retry, delete_after_s, cell)
  select
    id, workspace, kind, path, script_hash, language, created_by, permissioned_as, email, created_at,
    scheduled_for, tag, priority, timeout_s, schedule_path, trigger_kind, visible_to_owner, max_attempts, args,
    raw_code, raw_lock, retry, delete_after_s, cell
  from asked
  on conflict (id) do nothing
  returning id),
queued as (
  insert into job_queue(id, workspace, tag, priority, created_at, scheduled_for, state, delete_after_s)
  select a.id, a.workspace, a.tag, a.priority, a.created_at, a.scheduled_for, a.state, a.delete_after_s
  from asked a join facts f on f.id = a.id)
select id from facts

-- name: next_job [postgres only]
-- Only for Postgres, `claim` and `claimed` in one; nothing is taken while jobs are due that
-- `come_due` would make ready. With `id` it ends that job before: `append`, `leave` and `insert_done` for a
-- success on which nothing else depends, not canceled, no parent, no concurrency key, no answer to keep.
-- `accepted` 0: nothing has happened. `more` 1: there is something to take, but it is due and not ready, it has
-- a concurrency key, or others were quicker. `rest` 1: there are others to take. `inside`: a step of a longer
-- transaction, which takes what is ready, whatever is due.
-- Every scan is paid for at each start of the statement, so there are few: `first` finds where the next job is,
-- and from there the first row is taken that nobody else is taking.
with asked as (
  select cast(:tag as text) as tag), --? tag
  select key as tag from json_each(cast(:tags as json))), --? tags
due as materialized ( --? due
  select 1 as one from job_queue where state = 'delayed' and scheduled_for <= :due --? due
  order by scheduled_for limit 1), --? due
left_queue as ( --? id
  delete from job_queue q using job j --? id
  where q.id = :id and q.attempt = :attempt and q.state = 'running' --? id
    and q.canceled_by is null and q.concurrency_key is null and q.cache_key is null --? id
    and j.id = :id and j.parent_id is null and j.kind in ('script', 'preview') --? id
  returning --? id
    j.id, j.workspace, j.kind, j.path, j.script_hash, j.language, j.created_by, j.permissioned_as, --? id
    j.visible_to_owner, j.created_at, j.tag, j.schedule_path, j.trigger_kind, --? id
    q.attempt, q.retries, q.started_at, q.delete_after_s), --? id
logged as ( --? chunk
  insert into job_log(job_id, start, stop, attempt, chunk) --? chunk
  select id, cast(:start as bigint), cast(:stop as bigint), attempt, cast(:chunk as text) from left_queue --? chunk
  on conflict (job_id, start) do nothing), --? chunk
done as ( --? id
  insert into job_done( --? id
    id, workspace, kind, path, script_hash, language, created_by, permissioned_as, visible_to_owner, --? id
    created_at, tag, schedule_path, trigger_kind, outcome, root, started_at, completed_at, duration_ms, --? id
    attempt, worker, sandbox, memory_peak_kb, cpu_ms, result, retries, delete_at) --? id
  select --? id
    id, workspace, kind, path, script_hash, language, created_by, permissioned_as, visible_to_owner, --? id
    created_at, tag, schedule_path, trigger_kind, 'success', 1, started_at, cast(:now as bigint), --? id
    greatest(0, (cast(:now as bigint) - started_at) / 1000), --? id
    attempt, cast(:worker as text), cast(:sandbox as text), cast(:memory_peak_kb as bigint), --? id
    cast(:cpu_ms as bigint), cast(:result as text), retries, cast(:now as bigint) --? id
      + case delete_after_s when 0 then cast(:grace_s as integer) else delete_after_s end * bigint '1000000' --? id
  from left_queue), --? id
first as materialized (
  select n.tag, n.priority, n.workspace
  from asked t
  cross join lateral (
    (select r.tag, r.priority, r.workspace, r.scheduled_for, r.id from job_queue r
     where r.state = 'queued' and r.tag = t.tag and r.workspace > :after and r.priority = (
       select p.priority from job_queue p where p.state = 'queued' and p.tag = t.tag
       order by p.priority desc limit 1)
     order by r.workspace, r.scheduled_for, r.id limit 1)
    union all
    (select r.tag, r.priority, r.workspace, r.scheduled_for, r.id from job_queue r
     where r.state = 'queued' and r.tag = t.tag
     order by r.priority desc, r.workspace, r.scheduled_for, r.id limit 1)
    limit 1) n
  where true
    and exists (select 1 from left_queue) --? id
    and not exists (select 1 from due) --? due
  order by n.priority desc, case when n.workspace > :after then 0 else 1 end, n.workspace, n.scheduled_for, n.id
  limit 1),
best as materialized (
  select r.id
  from first f
  cross join lateral (
    select r.id from job_queue r
    where r.state = 'queued' and r.tag = f.tag and r.priority = f.priority and r.workspace >= f.workspace
    order by r.workspace, r.scheduled_for, r.id limit 1
    for update skip locked) r),
taken as (
  update job_queue
  set state = 'running', attempt = attempt + 1, worker_id = :worker_id, started_at = :now
  where id = (select id from best) and concurrency_key is null
  returning id, attempt, retries)
select
  (select count(*) from left_queue) as accepted, (select delete_after_s from left_queue) as keeps_s, --? id
  case when exists (select 1 from due) or t.id is null and exists (select 1 from first) then 1 else 0 end as more, --? due
  case when t.id is null and exists (select 1 from first) then 1 else 0 end as more, --? id
  case when t.id is null and exists (select 1 from first) then 1 else 0 end as more, --? inside
  (select count(*) from ( --? due
    select 1 as one from asked a cross join lateral ( --? due
      select r.id from job_queue r where r.state = 'queued' and r.tag = a.tag --? due
      order by r.priority desc, r.workspace, r.scheduled_for, r.id limit 2) r --? due
    where r.id <> t.id limit 1) x) as rest, --? due
  t.attempt, t.retries,
  j.id, j.workspace, j.kind, j.path, j.script_hash, j.language, j.created_by, j.permissioned_as, j.email,
  j.created_at, j.scheduled_for, j.tag, j.priority, j.timeout_s, j.parent_id, j.root_id, j.step_id, j.child_name,
  j.schedule_path, j.trigger_kind, j.visible_to_owner, j.max_attempts, j.args, j.raw_code, j.raw_lock, j.retry,
  j.concurrency_key, j.concurrent_limit, j.concurrency_window_s, j.cache_key,
  j.cache_ttl_s, j.delete_after_s, j.cell,
  s.content, s.lock,
  coalesce((select max(g.stop) from job_log g where g.job_id = j.id), 0) as log_length,
  (select o.path from flow_run f join job o on o.id = f.owner where f.id = j.parent_id) as flow_path,
  (select f.owner from flow_run f where f.id = j.parent_id) as flow_id
from (select 1 as one) o
left join taken t on true
left join job j on j.id = t.id
left join script s on s.workspace = j.workspace and s.hash = j.script_hash

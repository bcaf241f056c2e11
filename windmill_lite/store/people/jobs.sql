-- Jobs as a person sees them. Who may see a job: admins; who started it or whose rights it has; who may
-- read the path it runs from, unless it was asked to be invisible to the owner.

-- name: get
select
  j.id, j.workspace, j.kind, j.path, j.script_hash, j.language, j.created_by, j.permissioned_as, j.email,
  j.created_at, coalesce(q.scheduled_for, j.scheduled_for) as scheduled_for, j.tag, j.priority, j.timeout_s,
  j.parent_id, j.root_id, j.step_id, j.schedule_path, j.trigger_kind, j.visible_to_owner, j.max_attempts,
  j.concurrency_key, j.delete_after_s, --? whole
  q.state, q.attempt as queue_attempt, q.retries as queue_retries,
  coalesce(q.started_at, (select r.begun_at from flow_run r where r.id = q.id)) as queue_started_at,
  q.canceled_by as queue_canceled_by, q.canceled_reason as queue_canceled_reason,
  w.name as worker_name, w.last_seen_at,
  d.outcome, d.attempt as done_attempt, d.retries as done_retries, d.started_at as done_started_at, d.completed_at,
  d.duration_ms, d.worker, d.sandbox, d.memory_peak_kb, d.cpu_ms, d.canceled_by, d.canceled_reason, d.deleted, d.cached_from, d.labels,
  d.result, --? whole
  j.args, j.raw_code, j.raw_lock, j.retry, j.preprocessed, --? whole
  1 as found
from job j
left join job_queue q on q.id = j.id
left join worker w on w.id = q.worker_id
left join job_done d on d.id = j.id
where j.id = :id and j.workspace = :workspace
  and (:sees_all = 1 or j.permissioned_as = :me or j.created_by = :username
    or (j.visible_to_owner = 1 and (substr(j.path, 1, 2) = 'f/' or substr(j.path, 1, length(:home)) = :home)))

-- name: leaves
-- Of a flow, with the beginning of their results, as they were pushed; or a job alone.
select j.id, j.kind, j.child_name as name, q.state, d.outcome, d.duration_ms,
  coalesce(d.started_at, q.started_at, (select r.begun_at from flow_run r where r.id = j.id)) as started_at,
  substr(d.result, 1, :chars) as result, length(d.result) as result_length
from job j
left join job_queue q on q.id = j.id
left join job_done d on d.id = j.id
where j.workspace = :workspace
  and j.id = :id --? id
  and j.parent_id = :parent --? parent
  and (:sees_all = 1 or j.permissioned_as = :me or j.created_by = :username
    or (j.visible_to_owner = 1 and (substr(j.path, 1, 2) = 'f/' or substr(j.path, 1, length(:home)) = :home)))
order by j.created_at, j.id
limit :most

-- name: attempts
-- The newest of those that ended before their job did, the newest first; who may read was asked before.
select number, worker, started_at, ended_at, ended, reason from job_attempt
where job_id = :id order by place desc limit :most

-- name: log_chunks
-- From the chunk that holds character `from` on; who may read was asked before.
select l.start, l.chunk from job_log l
where l.job_id = :id and l.stop > :from_char
order by l.start

-- name: stream_chunks
-- The same of the streamed result.
select s.start, s.chunk from job_stream s
where s.job_id = :id and s.stop > :from_char
order by s.start

-- name: said
-- How far a job is and how much of its result it has streamed; who may read was asked before.
select
  (select percent from job_progress where job_id = :id) as percent,
  (select max(stop) from job_stream where job_id = :id) as streamed

-- name: log_length
select coalesce(max(stop), 0) as length from job_log where job_id = :id

-- name: draining
-- A job whose worker takes nothing more; who may read was asked before.
select 1 as one from job_queue q join worker w on w.id = q.worker_id where q.id = :id and w.tags = '[]'

-- name: count_queue
-- What is in the queue, what of it runs, and which flows are under way without a worker, or wait for people: each
-- from an index alone, without the rows. Of 100,000 waiting jobs 4 ms instead of 20 on SQLite, where `|| ''` keeps
-- the second from going along the first one's index.
with parked as (
  select q.id from job_queue q where q.state = 'suspended' and q.workspace = :workspace
  union all
  select q.id from flow_run r join job_queue q on q.id = r.id
  where r.due_at is not null and q.state <> 'suspended' and q.workspace = :workspace)
select
  (select count(*) from job_queue where workspace = :workspace) as alive,
  (select count(*) from job_queue where state = 'running' and workspace || '' = :workspace) as running,
  (select count(*) from parked) as parked,
  (select count(*) from parked p join flow_run r on r.id = p.id
    where replace(r.status, '"phase":"gated"', '') <> r.status) as gated

-- name: ahead
-- How many queued jobs are due before a moment.
select count(*) as ahead from job_queue
where workspace = :workspace and state in ('delayed', 'queued', 'blocked') and scheduled_for < :moment

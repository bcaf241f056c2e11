-- Jobs as a person sees them. Who may see a job: admins; who started it or whose rights it has; who may
-- read the path it runs from, unless it was asked to be invisible to the owner.

-- name: get
select
  j.id, j.workspace, j.kind, j.path, j.script_hash, j.language, j.created_by, j.permissioned_as, j.email,
  j.created_at, coalesce(q.scheduled_for, j.scheduled_for) as scheduled_for, j.tag, j.priority, j.timeout_s,
  j.parent_id, j.root_id, j.step_id, j.schedule_path, j.trigger_kind, j.visible_to_owner, j.max_attempts,
  q.state, q.attempt as queue_attempt, q.retries as queue_retries, q.started_at as queue_started_at,
  q.canceled_by as queue_canceled_by, q.canceled_reason as queue_canceled_reason,
  w.name as worker_name, w.last_seen_at,
  d.outcome, d.attempt as done_attempt, d.retries as done_retries, d.started_at as done_started_at, d.completed_at, d.duration_ms,
  d.worker, d.sandbox, d.memory_peak_kb, d.canceled_by, d.canceled_reason, d.deleted, d.labels,
  d.result, --? whole
  j.args, j.raw_code, j.raw_lock, j.retry, --? whole
  1 as found
from job j
left join job_queue q on q.id = j.id
left join worker w on w.id = q.worker_id
left join job_done d on d.id = j.id
where j.id = :id and j.workspace = :workspace
  and (:sees_all = 1 or j.permissioned_as = :me or j.created_by = :username
    or (j.visible_to_owner = 1 and (substr(j.path, 1, 2) = 'f/' or substr(j.path, 1, length(:home)) = :home)))

-- name: list_queue
select
  j.id, j.workspace, j.kind, j.path, j.script_hash, j.language, j.created_by, j.permissioned_as, j.email,
  j.created_at, q.scheduled_for, q.tag, q.priority, j.timeout_s, j.parent_id, j.root_id, j.step_id,
  j.schedule_path, j.trigger_kind, j.visible_to_owner,
  q.state, q.attempt as queue_attempt, q.retries as queue_retries, q.started_at as queue_started_at,
  q.canceled_by as queue_canceled_by, q.canceled_reason as queue_canceled_reason,
  w.name as worker_name, w.last_seen_at
from job_queue q
join job j on j.id = q.id
left join worker w on w.id = q.worker_id
where q.workspace = :workspace
  and (:sees_all = 1 or j.permissioned_as = :me or j.created_by = :username
    or (j.visible_to_owner = 1 and (substr(j.path, 1, 2) = 'f/' or substr(j.path, 1, length(:home)) = :home)))
  and q.state = 'running' --? running
  and q.state <> 'running' --? not_running
  and j.created_by = :created_by --? created_by
  and j.path = :path --? path
  and substr(j.path, 1, length(:path_prefix)) = :path_prefix --? path_prefix
  and j.script_hash = :script_hash --? script_hash
  and j.parent_id = :parent_id --? parent_id
  and j.parent_id is null --? roots
  and j.parent_id is not null --? children
  and j.kind in :kinds --? kinds
  and j.created_at < :created_before --? created_before
  and j.created_at > :created_after --? created_after
  and q.started_at < :started_before --? started_before
  and q.started_at > :started_after --? started_after
  and q.scheduled_for <= :scheduled_until --? scheduled_until
  and q.tag = :tag --? tag
  and w.name = :worker --? worker
  and j.schedule_path = :schedule_path --? schedule_path
  and j.trigger_kind = :trigger_kind --? trigger_kind
order by q.id desc --? newest_first
order by q.id --? oldest_first
limit :limit

-- name: list_done
select
  d.id, d.workspace, d.kind, d.path, d.script_hash, d.language, d.created_by, d.permissioned_as, j.email,
  d.created_at, j.scheduled_for, d.tag, j.priority, j.timeout_s, d.parent_id, j.root_id, j.step_id,
  d.schedule_path, d.trigger_kind, d.visible_to_owner,
  d.outcome, d.attempt as done_attempt, d.retries as done_retries, d.started_at as done_started_at, d.completed_at, d.duration_ms,
  d.worker, d.sandbox, d.memory_peak_kb, d.canceled_by, d.canceled_reason, d.deleted, d.labels
from job_done d
join job j on j.id = d.id
where d.workspace = :workspace
  and (:sees_all = 1 or d.permissioned_as = :me or d.created_by = :username
    or (d.visible_to_owner = 1 and (substr(d.path, 1, 2) = 'f/' or substr(d.path, 1, length(:home)) = :home)))
  and d.outcome in :outcomes --? outcomes
  and d.outcome <> 'success' --? trouble
  and d.created_by = :created_by --? created_by
  and d.path = :path --? path
  and substr(d.path, 1, length(:path_prefix)) = :path_prefix --? path_prefix
  and d.script_hash = :script_hash --? script_hash
  and d.parent_id = :parent_id --? parent_id
  and d.root = 1 --? roots
  and d.root = 0 --? children
  and d.kind in :kinds --? kinds
  and d.created_at < :created_before --? created_before
  and d.created_at > :created_after --? created_after
  and d.started_at < :started_before --? started_before
  and d.started_at > :started_after --? started_after
  and d.completed_at < :completed_before --? completed_before
  and d.completed_at > :completed_after --? completed_after
  and d.tag = :tag --? tag
  and d.worker = :worker --? worker
  and replace(d.labels, :label, '') <> d.labels --? label
  and d.schedule_path = :schedule_path --? schedule_path
  and d.trigger_kind = :trigger_kind --? trigger_kind
order by d.id desc --? newest_first
order by d.id --? oldest_first
limit :limit

-- name: log_chunks
-- From the chunk that holds character `from` on; who may read was asked before.
select l.start, l.chunk from job_log l
where l.job_id = :id and l.stop > :from_char
order by l.start

-- name: log_length
select coalesce(max(stop), 0) as length from job_log where job_id = :id

-- name: count_queue
select count(*) as queued from job_queue where workspace = :workspace and state <> 'running'

-- name: count_running
select count(*) as running from job_queue where workspace = :workspace and state = 'running'

-- name: ahead
-- How many queued jobs are due before a moment.
select count(*) as ahead from job_queue
where workspace = :workspace and state in ('delayed', 'queued', 'blocked') and scheduled_for < :moment

-- Lists of jobs that stay flat however many jobs there are.
--
-- `looked` goes along one index in the order of the list, from the mark (:at, :at_id) on, and reads at
-- most `window` rows; its lines belong to one way into the table each (see runs.py). `fits` says of each
-- row whether it is what was asked for and may be seen. Every row of the answer says how many rows were
-- looked at and which was the last one, so that the next window can begin there; an answer in which
-- `id` is null says only that. What a page shows of its jobs is read afterwards, by their ids.

-- name: list_done
with looked as materialized (
  select
    c.id, c.created_at,
    case when
      (:sees_all = 1 or c.permissioned_as = :me or c.created_by = :username
        or (c.visible_to_owner = 1 and (substr(c.path, 1, 2) = 'f/' or substr(c.path, 1, length(:home)) = :home)))
      and c.outcome in :outcomes --? outcomes
      and c.created_by = :created_by --? created_by
      and c.path = :path --? path
      and substr(c.path, 1, length(:path_prefix)) = :path_prefix --? path_prefix
      and c.script_hash = :script_hash --? script_hash
      and c.parent_id = :parent_id --? parent_id
      and c.root = 1 --? roots
      and c.root = 0 --? children
      and (select s.step_id from job s where s.id = c.id) is not null --? steps
      and (select s.step_id from job s where s.id = c.id) is null --? no_steps
      and c.kind in :kinds --? kinds
      and c.created_at < :created_before --? created_before
      and c.created_at > :created_after --? created_after
      and c.started_at < :started_before --? started_before
      and c.started_at > :started_after --? started_after
      and c.completed_at < :completed_before --? completed_before
      and c.completed_at > :completed_after --? completed_after
      and c.tag = :tag --? tag
      and c.worker = :worker --? worker
      and replace(c.labels, :label, '') <> c.labels --? label
      and c.schedule_path = :schedule_path --? schedule_path
      and c.schedule_path is null --? unscheduled
      and c.trigger_kind = :trigger_kind --? trigger_kind
      and (select k.concurrency_key from job k where k.id = c.id) = :concurrency_key --? concurrency_key
    then 1 else 0 end as fits
  from job_done c --? by_column
  from job_label l join job_done c on c.id = l.job_id --? by_label
  where c.workspace = :workspace --? by_column
  where l.workspace = :workspace and l.label = :by_label --? by_label
    and c.root = :by_root --? by_root
    and c.path = :by_path --? by_path
    and c.path = (select s.path from script s where s.workspace = :workspace and s.hash = :by_hash) --? by_hash
    and c.path >= :path_from and c.path < :path_to --? path_from path_to
    and c.created_by = :by_user --? by_user
    and c.permissioned_as = :by_rights and c.permissioned_as <> 'u/' || c.created_by --? by_rights
    and c.visible_to_owner = 1 and substr(c.path, 1, 2) = 'f/' --? by_folder
    and c.parent_id = :by_parent --? by_parent
    and c.schedule_path = :by_schedule --? by_schedule
    and c.tag = :by_tag and c.tag <> coalesce(c.language, '') --? by_tag
    and c.outcome <> 'success' --? by_trouble
    and c.created_at < :until --? by_column until
    and c.created_at > :since --? by_column since
    and l.created_at < :until --? by_label until
    and l.created_at > :since --? by_label since
    and (c.created_at, c.id) < (:at, :at_id) --? by_column newest_first at
    and (c.created_at, c.id) > (:at, :at_id) --? by_column oldest_first at
    and (l.created_at, l.job_id) < (:at, :at_id) --? by_label newest_first at
    and (l.created_at, l.job_id) > (:at, :at_id) --? by_label oldest_first at
  order by c.created_at desc, c.id desc --? by_column newest_first
  order by c.created_at, c.id --? by_column oldest_first
  order by l.created_at desc, l.job_id desc --? by_label newest_first
  order by l.created_at, l.job_id --? by_label oldest_first
  limit :window)
select
  (select count(*) from looked) as looked, edge.created_at as edge_at, edge.id as edge_id, found.id, found.created_at
from (
  select created_at, id from looked
  order by created_at, id --? newest_first
  order by created_at desc, id desc --? oldest_first
  limit 1) edge
left join (
  select id, created_at from looked where fits = 1
  order by created_at desc, id desc --? newest_first
  order by created_at, id --? oldest_first
  limit :limit) found on 1 = 1
order by found.created_at desc, found.id desc --? newest_first
order by found.created_at, found.id --? oldest_first

-- name: done
-- By their ids; `|| ''` keeps SQLite from reading all of the workspace.
select
  d.id, d.workspace, d.kind, d.path, d.script_hash, d.language, d.created_by, d.permissioned_as, j.email,
  d.created_at, j.scheduled_for, d.tag, j.priority, j.timeout_s, d.parent_id, j.root_id, j.step_id,
  d.schedule_path, d.trigger_kind, d.visible_to_owner,
  d.outcome, d.attempt as done_attempt, d.retries as done_retries, d.started_at as done_started_at, d.completed_at,
  d.duration_ms, d.worker, d.sandbox, d.memory_peak_kb, d.cpu_ms, d.canceled_by, d.canceled_reason, d.deleted, d.labels,
  d.cached_from
from job_done d
left join job j on j.id = d.id
where d.id in :ids and d.workspace || '' = :workspace
  and (:sees_all = 1 or d.permissioned_as = :me or d.created_by = :username
    or (d.visible_to_owner = 1 and (substr(d.path, 1, 2) = 'f/' or substr(d.path, 1, length(:home)) = :home)))

-- name: list_queue
-- What runs is found by its own small index; `|| ''` keeps SQLite from going along the workspace's. Flows run
-- without a worker: they wait for children (suspended) or for a time.
with looked as materialized (
  select
    alive.id, alive.created_at,
    case when
      (:sees_all = 1 or j.permissioned_as = :me or j.created_by = :username
        or (j.visible_to_owner = 1 and (substr(j.path, 1, 2) = 'f/' or substr(j.path, 1, length(:home)) = :home)))
      and (alive.state = 'running' or (alive.state in ('suspended', 'delayed') --? running
        and (select r.begun_at from flow_run r where r.id = alive.id) is not null)) --? running
      and not (alive.state = 'running' or (alive.state in ('suspended', 'delayed') --? not_running
        and (select r.begun_at from flow_run r where r.id = alive.id) is not null)) --? not_running
      and (select replace(r.status, '"phase":"gated"', '') <> r.status --? suspended
        from flow_run r where r.id = alive.id) --? suspended
      and j.created_by = :created_by --? created_by
      and j.path = :path --? path
      and substr(j.path, 1, length(:path_prefix)) = :path_prefix --? path_prefix
      and j.script_hash = :script_hash --? script_hash
      and j.parent_id = :parent_id --? parent_id
      and j.parent_id is null --? roots
      and j.parent_id is not null --? children
      and j.step_id is not null --? steps
      and j.step_id is null --? no_steps
      and j.kind in :kinds --? kinds
      and alive.created_at < :created_before --? created_before
      and alive.created_at > :created_after --? created_after
      and alive.started_at < :started_before --? started_before
      and alive.started_at > :started_after --? started_after
      and alive.scheduled_for <= :scheduled_until --? scheduled_until
      and alive.tag = :tag --? tag
      and w.name = :worker --? worker
      and j.schedule_path = :schedule_path --? schedule_path
      and j.schedule_path is null --? unscheduled
      and j.trigger_kind = :trigger_kind --? trigger_kind
      and alive.concurrency_key = :concurrency_key --? concurrency_key
    then 1 else 0 end as fits
  from (
    select q.* from job_queue q --? by_column
    select q.* from job p join job_queue q on q.id = p.id --? by_parent
    select q.* from flow_run r join job_queue q on q.id = r.id --? by_due
    where q.workspace = :workspace --? by_age
    where q.state = 'suspended' and q.workspace = :workspace --? by_suspended
    where r.due_at is not null and q.workspace = :workspace --? by_due
    where q.state = 'running' and q.workspace || '' = :workspace --? by_running
    where p.parent_id = :by_parent and q.workspace = :workspace --? by_parent
      and q.created_at < :until --? until
      and q.created_at > :since --? since
      and (q.created_at, q.id) < (:at, :at_id) --? newest_first at
      and (q.created_at, q.id) > (:at, :at_id) --? oldest_first at
    order by q.created_at desc, q.id desc --? newest_first
    order by q.created_at, q.id --? oldest_first
    limit :window) alive
  join job j on j.id = alive.id
  left join worker w on w.id = alive.worker_id --? worker
)
select
  (select count(*) from looked) as looked, edge.created_at as edge_at, edge.id as edge_id, found.id, found.created_at
from (
  select created_at, id from looked
  order by created_at, id --? newest_first
  order by created_at desc, id desc --? oldest_first
  limit 1) edge
left join (
  select id, created_at from looked where fits = 1
  order by created_at desc, id desc --? newest_first
  order by created_at, id --? oldest_first
  limit :limit) found on 1 = 1
order by found.created_at desc, found.id desc --? newest_first
order by found.created_at, found.id --? oldest_first

-- name: queued
-- The same of those that wait or run.
select
  alive.id, alive.workspace, j.kind, j.path, j.script_hash, j.language, j.created_by, j.permissioned_as, j.email,
  alive.created_at, alive.scheduled_for, alive.tag, alive.priority, j.timeout_s, j.parent_id, j.root_id, j.step_id,
  j.schedule_path, j.trigger_kind, j.visible_to_owner,
  alive.concurrency_key,
  alive.state, alive.attempt as queue_attempt, alive.retries as queue_retries,
  coalesce(alive.started_at, (select r.begun_at from flow_run r where r.id = alive.id)) as queue_started_at,
  (select r.status from flow_run r
    where r.id = alive.id and replace(r.status, '"phase":"gated"', '') <> r.status) as gated,
  alive.canceled_by as queue_canceled_by, alive.canceled_reason as queue_canceled_reason,
  w.name as worker_name, w.last_seen_at
from job_queue alive
join job j on j.id = alive.id
left join worker w on w.id = alive.worker_id
where alive.id in :ids and alive.workspace || '' = :workspace
  and (:sees_all = 1 or j.permissioned_as = :me or j.created_by = :username
    or (j.visible_to_owner = 1 and (substr(j.path, 1, 2) = 'f/' or substr(j.path, 1, length(:home)) = :home)))

-- name: runs_below
-- How many completed runs lie in a range of paths, as far as `most`.
select count(*) as runs from (
  select 1 as one from job_done
  where workspace = :workspace and path >= :path_from and path < :path_to
  limit :most) as seen

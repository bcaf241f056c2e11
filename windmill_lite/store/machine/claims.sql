-- From ready to running: which job is next, and whose it is from then on. The order is that of core/jobs/order.py.

-- name: come_due [sqlite]
-- Jobs whose time has come become ready, the earliest first.
update job_queue set state = 'queued'
where id in (
  select id from job_queue where state = 'delayed' and scheduled_for <= :now
  order by scheduled_for limit :most)

-- name: come_due [postgres]
-- Differs because several may do it at once: rows locked by others are skipped. An array, lest the
-- planner, who does not know `most`, expects many rows and reads the whole table for them.
update job_queue set state = 'queued'
where id = any (array(
  select id from job_queue where state = 'delayed' and scheduled_for <= :now
  order by scheduled_for limit :most
  for update skip locked))

-- name: claim [sqlite]
-- Takes the next job of some tags, which are the keys of a JSON object: of the highest priority, of the workspace
-- after `after` in a circle. Every probe is the first entry of a range of `queue_ready`, however long the queue is:
-- one of each tag finds its priority, and one of those that have a ready job finds whose turn it is.
update job_queue
set state = 'running', attempt = attempt + 1, worker_id = :worker_id, started_at = :now
where id = (
  select n.id
  from json_each(:tags) t
  join job_queue f on f.id = (
    select r.id from job_queue r
    where r.state = 'queued' and r.tag = t.key
    order by r.priority desc, r.workspace, r.scheduled_for, r.id limit 1)
  join job_queue n on n.id = coalesce(
    (select r.id from job_queue r
     where r.state = 'queued' and r.tag = t.key and r.workspace > :after and r.priority = f.priority
     order by r.workspace, r.scheduled_for, r.id limit 1),
    f.id)
  order by n.priority desc, case when n.workspace > :after then 0 else 1 end, n.workspace, n.scheduled_for, n.id
  limit 1)
returning id, attempt, retries, workspace, concurrency_key

-- name: claim [postgres]
-- Differs because many workers claim at once: rows locked by others are skipped, and where all of a tag are, the
-- next tag has its turn. So the tags come in order, and no row is locked but the one that is taken.
with best as materialized (
  select b.id
  from (
    select w.tag
    from (
      select t.tag, t.top, coalesce(
        (select n.workspace from job_queue n
         where n.state = 'queued' and n.tag = t.tag and n.priority = t.top and n.workspace > :after
         order by n.workspace limit 1),
        (select n.workspace from job_queue n
         where n.state = 'queued' and n.tag = t.tag and n.priority = t.top
         order by n.workspace limit 1)) as workspace
      from (
        select e.key as tag, (
          select n.priority from job_queue n where n.state = 'queued' and n.tag = e.key
          order by n.priority desc limit 1) as top
        from json_each(:tags) e) t) w
    where w.top is not null
    order by w.top desc, case when w.workspace > :after then 0 else 1 end, w.workspace,
      (select n.scheduled_for from job_queue n
       where n.state = 'queued' and n.tag = w.tag and n.priority = w.top and n.workspace = w.workspace
       order by n.scheduled_for, n.id limit 1),
      (select n.id from job_queue n
       where n.state = 'queued' and n.tag = w.tag and n.priority = w.top and n.workspace = w.workspace
       order by n.scheduled_for, n.id limit 1)) t
  cross join lateral (
    select coalesce(
      (select r.id from job_queue r
       where r.state = 'queued' and r.tag = t.tag and r.workspace > :after and r.priority = (
         select p.priority from job_queue p where p.state = 'queued' and p.tag = t.tag
         order by p.priority desc limit 1)
       order by r.workspace, r.scheduled_for, r.id limit 1
       for update skip locked),
      (select r.id from job_queue r
       where r.state = 'queued' and r.tag = t.tag
       order by r.priority desc, r.workspace, r.scheduled_for, r.id limit 1
       for update skip locked)) as id
    offset 0) b
  where b.id is not null
  limit 1)
update job_queue
set state = 'running', attempt = attempt + 1, worker_id = :worker_id, started_at = :now
where id = (select id from best)
returning id, attempt, retries, workspace, concurrency_key

-- name: claimed
-- What a worker needs to know of a job it has just claimed.
select
  j.id, j.workspace, j.kind, j.path, j.script_hash, j.language, j.created_by, j.permissioned_as, j.email,
  j.created_at, j.scheduled_for, j.tag, j.priority, j.timeout_s, j.parent_id, j.root_id, j.step_id, j.child_name,
  j.schedule_path, j.trigger_kind, j.visible_to_owner, j.max_attempts, j.args, j.raw_code, j.raw_lock, j.retry,
  j.concurrency_key, j.concurrent_limit, j.concurrency_window_s, j.cache_key,
  j.cache_ttl_s, j.delete_after_s, j.cell,
  s.content, s.lock,
  coalesce((select max(l.stop) from job_log l where l.job_id = j.id), 0) as log_length,
  (select o.path from flow_run f join job o on o.id = f.owner where f.id = j.parent_id) as flow_path,
  (select f.owner from flow_run f where f.id = j.parent_id) as flow_id
from job j
left join script s on s.workspace = j.workspace and s.hash = j.script_hash
where j.id = :id

-- name: next_due_at
-- When the earliest delayed job becomes ready.
select scheduled_for as due_at from job_queue where state = 'delayed' order by scheduled_for limit 1

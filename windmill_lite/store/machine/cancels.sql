-- Ending jobs and what hangs from them. The order of the statements is in engine/cancel.py.

-- name: mark
-- Wherever they are. The first to cancel is the one who is named.
update job_queue set canceled_by = :canceled_by, canceled_reason = :canceled_reason
where id in :ids and canceled_by is null

-- name: leave
-- Ends those that no worker holds, or all; a worker that still runs one learns so from its next report. A flow
-- that waits is nobody's, and has begun all the same.
delete from job_queue
where id in :ids
  and state <> 'running' --? unstarted
returning id, attempt, retries, canceled_by, canceled_reason, concurrency_key, cache_key, delete_after_s,
  coalesce(started_at, (select r.begun_at from flow_run r where r.id = job_queue.id)) as started_at

-- name: below
-- What lives below a job. A question for each member, lest Postgres, who does not know how many there are,
-- reads the whole queue for them.
with recursive tree(id) as (
  select j.id from job j where j.parent_id = :id
  union all
  select j.id from tree t join job j on j.parent_id = t.id)
select t.id from tree t
where 1 = (
  select 1 from job_queue q where q.id = t.id
    and q.canceled_by is null --? unmarked
  )
limit :most

-- name: living_parent [sqlite]
select canceled_by, canceled_reason from job_queue where id = :id

-- name: living_parent [postgres]
-- Differs because a cancellation may be under way: either it waits until the child is there, and then finds
-- it below its parent, or the child waits and sees it.
select canceled_by, canceled_reason from job_queue where id = :id for share

-- name: ended_parent
select canceled_by, canceled_reason from job_done where id = :id and outcome = 'canceled'

-- name: put_off
insert into cancel_order(job_id, canceled_by, reason, by_force)
values (:job_id, :canceled_by, :reason, :by_force)
on conflict (job_id) do update set by_force = excluded.by_force where excluded.by_force = 1

-- name: put_off_so_far
select job_id, canceled_by, reason, by_force from cancel_order limit :most

-- name: carried_out
delete from cancel_order where job_id = :job_id

-- Workers as processes: one row a process start.

-- name: register
-- Once more changes nothing but the time, and how long it is good for: whoever was not answered says it again.
insert into worker(
  id, name, host, tags, slots, version, sandbox, started_at, last_seen_at, languages, lease_us, site)
values (
  :id, :name, :host, :tags, :slots, :version, :sandbox, :started_at, :last_seen_at, :languages, :lease_us, :site)
on conflict (id) do update set last_seen_at = excluded.last_seen_at, lease_us = excluded.lease_us

-- name: ping
update worker set last_seen_at = :now, jobs_done = :jobs_done, memory_kb = :memory_kb where id = :id

-- name: describe
update worker set languages = :languages, tags = :tags where id = :id

-- name: leave
delete from worker where id = :id

-- name: first_silent
select min(last_seen_at) as at from worker

-- name: leave_silent
-- Rows nobody needs any more: silent since `before` and holding nothing.
delete from worker
where last_seen_at < :before
  and not exists (select 1 from job_queue q where q.worker_id = worker.id and q.state = 'running')

-- name: all_lost
-- One process owns the file: every other worker's row is of a process that is gone.
update worker set last_seen_at = 0

-- name: waited_for
-- Of jobs that wait for a site the tag is `@` and its name; between `@` and `A` there are no other tags.
select distinct tag from job_queue
where state = 'queued' and tag >= '@' and tag < 'A'

-- name: served
select distinct site from worker where site <> '' and last_seen_at >= :since

-- name: which_live
select id from job_queue where id in :ids

-- name: move_flows
-- Wherever they are: the next worker that gives one a turn takes it to its own site. Both databases ask
-- for the words of a partial index before they go along it.
update job_queue set tag = 'flow'
where tag = :tag and tag >= '@' and tag < 'A' and state <> 'running'
  and exists (select 1 from flow_run r where r.id = job_queue.id)

-- name: waiting_at
select id from job_queue where state = 'queued' and tag = :tag
order by priority desc, workspace, scheduled_for, id
limit :most

-- Workers as processes: one row a process start.

-- name: register
-- Once more changes nothing but the time: whoever was not answered says it again.
insert into worker(id, name, host, tags, slots, version, sandbox, started_at, last_seen_at, languages)
values (:id, :name, :host, :tags, :slots, :version, :sandbox, :started_at, :last_seen_at, :languages)
on conflict (id) do update set last_seen_at = excluded.last_seen_at

-- name: ping
update worker set last_seen_at = :now, jobs_done = :jobs_done, memory_kb = :memory_kb where id = :id

-- name: describe
update worker set languages = :languages where id = :id

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

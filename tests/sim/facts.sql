-- Everything the invariants look at, as it lies in the tables.

-- name: jobs
select
  id, max_attempts, workspace, schedule_path, scheduled_for, concurrency_key, concurrent_limit,
  parent_id, kind, child_name, root_id, step_id
from job
where id = :id  --? id

-- name: queue
select id, state, attempt, retries, worker_id, canceled_by from job_queue
where id = :id  --? id

-- name: done
select
  id, outcome, attempt, canceled_by, result, cached_from, deleted, started_at, completed_at,
  duration_ms, worker, sandbox, canceled_reason
from job_done
where id = :id  --? id

-- name: chunks
select job_id, start, stop, attempt, chunk from job_log
where job_id = :id  --? id
order by job_id, start

-- name: attempts
select job_id, number, ended from job_attempt
where job_id = :id  --? id
order by job_id, place

-- name: ticks
select workspace, path, at, until, count, job_id, skipped from tick order by workspace, path, at

-- name: overdue
select path from schedule where next_at <= :now limit 1

-- name: tables [sqlite]
select name from sqlite_master where type = 'table' and name not like 'sqlite%' and name <> 'schema_migration'

-- name: tables [postgres]
-- Differs because the catalogue does.
select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'schema_migration'

-- name: untie [sqlite]
-- Rows may go in any order.
pragma defer_foreign_keys = on

-- name: untie [postgres]
-- Differs because foreign keys are triggers here.
set local session_replication_role = replica

-- Attempts that ended before their job did.

-- name: record
insert into job_attempt(job_id, place, number, ended, worker, started_at, ended_at, reason)
select :job_id, coalesce(max(a.place), 0) + 1, cast(:number as smallint), :ended,
  coalesce(:worker, (select w.name from worker w where w.id = :worker_id)),
  cast(:started_at as bigint), cast(:ended_at as bigint), cast(:reason as text)
from job_attempt a where a.job_id = :job_id

-- name: forget_reasons
-- What failures said goes with the results; that they were stays.
update job_attempt set reason = null where job_id = :id

-- name: delete_attempts
delete from job_attempt where job_id in :ids

-- What became of the jobs, as it lies in the tables.

-- name: jobs
select id, kind, root_id, step_id from job

-- name: queue
select id, state, attempt from job_queue

-- name: done
select id, outcome, attempt, result, completed_at from job_done

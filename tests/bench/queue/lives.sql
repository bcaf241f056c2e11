-- What the benchmark of the queue asks afterwards.

-- name: lives
-- How long jobs took from when they were asked for until they ended.
select completed_at - created_at as life_us from job_done where created_at >= :since

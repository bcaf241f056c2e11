-- A job's log, and the result it streams: chunks in a row of characters, never rewritten.

-- name: append
-- Refused (no row) unless the attempt that writes still runs; repeated appends change nothing.
insert into job_log(job_id, start, stop, attempt, chunk)
select q.id, cast(:start as bigint), cast(:stop as bigint), q.attempt, cast(:chunk as text)
from job_queue q
where q.id = :job_id and q.attempt = :attempt and q.state = 'running'
on conflict (job_id, start) do nothing

-- name: note
-- A line of the machine's own, after whatever is there.
insert into job_log(job_id, start, stop, attempt, chunk)
select j.id, coalesce(max(l.stop), 0), coalesce(max(l.stop), 0) + cast(:length as bigint),
  cast(:attempt as smallint), cast(:chunk as text)
from job j left join job_log l on l.job_id = j.id
where j.id = :job_id
group by j.id

-- name: length
select coalesce(max(stop), 0) as length from job_log where job_id = :job_id

-- name: append_stream
-- Refused (no row) unless the attempt that writes still runs; repeated appends change nothing.
insert into job_stream(job_id, start, stop, attempt, chunk)
select q.id, cast(:start as bigint), cast(:stop as bigint), q.attempt, cast(:chunk as text)
from job_queue q
where q.id = :job_id and q.attempt = :attempt and q.state = 'running'
on conflict (job_id, start) do nothing

-- name: stream_length
select coalesce(max(stop), 0) as length from job_stream where job_id = :job_id

-- name: set_progress
insert into job_progress(job_id, percent)
select q.id, cast(:percent as smallint) from job_queue q
where q.id = :job_id and q.state = 'running'
on conflict (job_id) do update set percent = excluded.percent

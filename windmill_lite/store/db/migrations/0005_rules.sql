-- What the end of a job asks about it, beside the job's place in the queue: what comes after the arguments
-- in `job` is slow to read on SQLite when they are large.

alter table job_queue add column cache_key text;
alter table job_queue add column delete_after_s integer;

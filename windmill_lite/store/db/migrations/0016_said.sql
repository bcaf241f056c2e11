-- What a job says of itself while it runs, beside its log.

-- The pieces of a streamed result, in characters from its beginning, as in `job_log`.
create table job_stream(
  job_id uuid not null,
  start bigint not null,
  stop bigint not null check (stop > start),
  attempt smallint not null,
  chunk text not null,
  primary key (job_id, start)
);

create table job_progress(
  job_id uuid primary key,
  percent smallint not null check (percent between 0 and 99)
);

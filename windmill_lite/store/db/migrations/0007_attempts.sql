-- Attempts that came to an end before their job did. The last attempt of a completed job is told by
-- job_done, the running one by job_queue: a job whose first attempt succeeds has no row here.
create table job_attempt(
  job_id uuid not null,
  place integer not null,                  -- 1, 2, ...: an attempt handed back gives its number to the next
  number smallint not null,                -- of the attempt, as in job_queue
  ended text not null check (ended in ('lost', 'failed', 'handed_back')),
  worker text,
  started_at bigint,                       -- null: its worker never knew of it
  ended_at bigint not null,
  reason text,
  primary key (job_id, place)
)
without rowid --[sqlite]
;

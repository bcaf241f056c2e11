-- What the queue can do beyond first come, first served: jobs that wait for their time or for each other,
-- retries, debouncing, turns for every workspace, requests that are safe to repeat, results used again.

alter table job add column retry text;                  -- JSON: how a failure is tried again; null: not at all
alter table job add column concurrency_key text;        -- jobs of one key wait for each other
alter table job add column concurrent_limit integer;    -- how many of them may run at once...
alter table job add column concurrency_window_s integer; -- ...and start within this time; null: any number
alter table job add column cache_key text;              -- a success of the same key may be the answer
alter table job add column cache_ttl_s integer;         -- and this one's success is, for so long
alter table job add column delete_after_s integer;      -- what it carried goes so long after its end

create temporary table queue_before as select * from job_queue;
drop table job_queue;
create table job_queue(
  id uuid primary key references job(id),
  workspace text not null,
  tag text not null,
  priority smallint not null default 0,
  scheduled_for bigint not null,           -- of a retry: when it is due
  -- delayed: not due yet; queued: ready; blocked: ready, but its concurrency key is full
  state text not null check (state in ('delayed', 'queued', 'blocked', 'suspended', 'running')),
  attempt smallint not null default 0,     -- the fencing number: raised by every claim
  retries smallint not null default 0,     -- failures so far that are tried again
  worker_id uuid,
  started_at bigint,                       -- of the current attempt
  canceled_by text,
  canceled_reason text,
  concurrency_key text,
  debounce_key text,                       -- while delayed, a newer job of this key takes its place
  debounced_since bigint,                  -- when the first of the replaced ones was asked for
  debounced integer not null default 0,    -- how many it has replaced
  check ((state = 'running') = (worker_id is not null)),
  check ((state = 'running') = (started_at is not null)),
  check (state <> 'blocked' or concurrency_key is not null)
)
with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0) --[postgres]
;
-- Those that are due become ready with the next claim.
insert into job_queue(
  id, workspace, tag, priority, scheduled_for, state, attempt, worker_id, started_at, canceled_by, canceled_reason)
select id, workspace, tag, priority, scheduled_for, case state when 'queued' then 'delayed' else state end, attempt,
  worker_id, started_at, canceled_by, canceled_reason
from queue_before;
drop table queue_before;
create index queue_ready on job_queue(tag, priority desc, workspace, scheduled_for, id) where state = 'queued';
create index queue_delayed on job_queue(scheduled_for) where state = 'delayed';
create index queue_running on job_queue(worker_id) where state = 'running';
create index queue_workspace on job_queue(workspace, id);
create index queue_key on job_queue(concurrency_key, state, tag, priority desc, scheduled_for, id)
  where concurrency_key is not null;
create index queue_debounce on job_queue(debounce_key) where debounce_key is not null;

alter table job_done add column retries smallint not null default 0;
alter table job_done add column cached_from uuid;       -- the job whose result this is: it did not run itself
alter table job_done add column delete_at bigint;       -- when arguments, log and result go; null: never, or gone
create index done_delete on job_done(delete_at) where delete_at is not null;

-- When jobs of a key that has a window started; told until they no longer count.
create table key_start(
  key text not null,
  started_at bigint not null,
  job_id uuid not null,
  until bigint not null,
  primary key (key, started_at, job_id)
);
create index key_start_until on key_start(until);

-- When a window lets the first blocked job of a key start.
create table key_wake(
  key text primary key,
  wake_at bigint not null
);
create index key_wake_at on key_wake(wake_at);

-- Requests that may be repeated: the same key of the same person is the same job.
create table idempotency(
  workspace text not null,
  username text not null,
  key text not null,
  fingerprint text not null,               -- of what was asked
  job_id uuid not null,
  created_at bigint not null,
  primary key (workspace, username, key)
);
create index idempotency_age on idempotency(created_at);

-- Which job's result answers the same question, and until when.
create table result_cache(
  workspace text not null,
  key text not null,                       -- of the script's version and the arguments
  job_id uuid not null,
  expires_at bigint not null,
  primary key (workspace, key)
);
create index result_cache_expiry on result_cache(expires_at);

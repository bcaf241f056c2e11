-- The first schema, one source for both databases (see store/db/migrate.py for the few differences).
-- Moments are microseconds UTC. JSON is text. Booleans are 0 or 1. UUIDs are 16 bytes.

create table workspace(
  id text primary key,
  name text not null,
  owner text not null,                     -- email of who made it
  color text,
  deleted smallint not null default 0 check (deleted in (0, 1)),
  created_at bigint not null
);

-- A person of the whole instance.
create table account(
  email text primary key,                  -- lower case
  name text,
  password_hash text,                      -- scrypt; null: cannot log in with a password
  super_admin smallint not null default 0 check (super_admin in (0, 1)),
  disabled smallint not null default 0 check (disabled in (0, 1)),
  created_at bigint not null
);

-- An account's place in one workspace.
create table member(
  workspace text not null references workspace(id),
  username text not null,
  email text not null references account(email),
  is_admin smallint not null default 0 check (is_admin in (0, 1)),
  operator smallint not null default 0 check (operator in (0, 1)),
  disabled smallint not null default 0 check (disabled in (0, 1)),
  created_at bigint not null,
  primary key (workspace, username)
);
create unique index member_email on member(workspace, email);
create index member_of on member(email);

create table token(
  hash text primary key,                   -- sha-256 of the token, which itself is never stored
  prefix text not null,                    -- its first ten characters, to recognise it by
  email text not null references account(email),
  kind text not null check (kind in ('session', 'user')),
  label text,
  workspace text,                          -- null: every workspace of the account
  scopes text,                             -- JSON array; null: all the rights of the account
  read_only smallint not null default 0 check (read_only in (0, 1)),
  created_at bigint not null,
  expires_at bigint,
  last_used_at bigint not null
);
create index token_of on token(email, created_at);
create index token_expiry on token(expires_at) where expires_at is not null;

-- Failed logins, by account and by address; the window slides with the first failure.
create table login_failure(
  key text primary key,
  failures integer not null,
  since bigint not null
);

-- Facts about this instance: its keys, the pending setup link.
create table setting(
  name text primary key,
  value text not null,                     -- JSON
  changed_at bigint not null
);

-- Every version of every script; a version never changes, only its flags do.
create table script(
  workspace text not null references workspace(id),
  hash text not null,
  path text not null,
  parent_hash text,                        -- the version it replaced
  summary text not null,
  description text not null,
  content text not null,
  language text not null,
  kind text not null,
  schema text,                             -- JSON
  lock text,                               -- null: dependencies not resolved yet
  lock_error text,
  tag text,
  timeout_s integer,
  options text not null default '{}',      -- JSON: the fields that are kept and given back as they came
  created_by text not null,
  created_at bigint not null,
  deployment_message text,
  archived smallint not null default 0 check (archived in (0, 1)),
  deleted smallint not null default 0 check (deleted in (0, 1)),
  head smallint not null default 1 check (head in (0, 1)),   -- the newest version of its path
  primary key (workspace, hash)
);
create unique index script_head on script(workspace, path) where head = 1;
create index script_history on script(workspace, path, created_at);
create index script_child on script(workspace, parent_hash) where parent_hash is not null;

-- What was asked: immutable.
create table job(
  id uuid primary key,
  workspace text not null,
  kind text not null,
  path text,
  script_hash text,
  language text,
  created_by text not null,
  permissioned_as text not null,           -- u/<username> or g/<group>
  email text not null,
  created_at bigint not null,
  scheduled_for bigint not null,
  tag text not null,
  priority smallint not null default 0,
  timeout_s integer,
  parent_id uuid,
  root_id uuid,
  step_id text,
  schedule_path text,
  trigger_kind text,
  visible_to_owner smallint not null default 1 check (visible_to_owner in (0, 1)),
  max_attempts smallint not null default 3 check (max_attempts >= 1),
  args text not null,                      -- JSON object
  raw_code text,                           -- of a preview
  raw_lock text
);
create index job_children on job(parent_id, id) where parent_id is not null;

-- What is alive: small and hot.
create table job_queue(
  id uuid primary key references job(id),
  workspace text not null,
  tag text not null,
  priority smallint not null default 0,
  scheduled_for bigint not null,
  state text not null check (state in ('queued', 'suspended', 'running')),
  attempt smallint not null default 0,     -- the fencing number: raised by every claim
  worker_id uuid,
  started_at bigint,                       -- of the current attempt
  canceled_by text,
  canceled_reason text,
  check ((state = 'running') = (worker_id is not null)),
  check ((state = 'running') = (started_at is not null))
)
with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0) --[postgres]
;
create index queue_ready on job_queue(tag, priority desc, scheduled_for, id) where state = 'queued';
create index queue_running on job_queue(worker_id) where state = 'running';
create index queue_workspace on job_queue(workspace, id);

-- How it ended: immutable.
create table job_done(
  id uuid primary key references job(id),
  workspace text not null,
  kind text not null,
  path text,
  script_hash text,
  language text,
  created_by text not null,
  permissioned_as text not null,
  visible_to_owner smallint not null check (visible_to_owner in (0, 1)),
  created_at bigint not null,
  tag text not null,
  schedule_path text,
  trigger_kind text,
  outcome text not null check (outcome in ('success', 'failure', 'canceled', 'skipped')),
  root smallint not null check (root in (0, 1)),             -- has no parent
  parent_id uuid,
  started_at bigint,
  completed_at bigint not null,
  duration_ms bigint not null,
  attempt smallint not null,
  worker text,
  sandbox text,                            -- the level of the box it ran in
  memory_peak_kb bigint,
  canceled_by text,
  canceled_reason text,
  deleted smallint not null default 0 check (deleted in (0, 1)),
  labels text,                             -- JSON array
  result text not null                     -- JSON
);
create index done_workspace on job_done(workspace, id) where root = 1;
create index done_path on job_done(workspace, path, id);
create index done_user on job_done(workspace, created_by, id);
create index done_trouble on job_done(workspace, id) where outcome <> 'success';
create index done_parent on job_done(parent_id, id) where parent_id is not null;

-- Append-only; `start` and `stop` count characters from the beginning of the job's log.
create table job_log(
  job_id uuid not null,
  start bigint not null,
  stop bigint not null check (stop > start),
  attempt smallint not null,
  chunk text not null,
  primary key (job_id, start)
);

create table worker(
  id uuid primary key,                     -- one process start; a restart is another worker
  name text not null,
  host text not null,
  tags text not null,                      -- JSON array
  slots smallint not null,
  version text not null,
  sandbox text not null,
  started_at bigint not null,
  last_seen_at bigint not null,
  jobs_done bigint not null default 0,
  memory_kb bigint
);

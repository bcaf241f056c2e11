-- Schedules and their ticks.

create table schedule(
  workspace text not null references workspace(id),
  path text not null,
  script_path text not null,
  cron text not null,                      -- six fields, seconds first, or five
  timezone text not null,                  -- a name of the tz database
  enabled smallint not null check (enabled in (0, 1)),
  args text,                               -- JSON object; null: none were given
  summary text not null,
  description text not null,
  tag text,
  no_overlap smallint not null check (no_overlap in (0, 1)),
  paused_until bigint,
  options text not null,                   -- JSON: the fields as they were pushed, given back as they came
  edited_by text not null,
  edited_at bigint not null,
  permissioned_as text not null,           -- whose rights its jobs have
  email text not null,
  next_at bigint,                          -- null: disabled, or there is no further tick
  last_at bigint,                          -- the last tick that had its turn
  error text,                              -- why the last tick started no job
  primary key (workspace, path),
  check (enabled = 1 or next_at is null),
  check (next_at > last_at)                -- a clock that is set back repeats nothing
);
create index schedule_due on schedule(next_at) where next_at is not null;
create index schedule_of_script on schedule(workspace, script_path);

-- What became of each tick: a job, or a reason why there is none. The key lets a tick happen once.
create table tick(
  workspace text not null,
  path text not null,
  at bigint not null,
  until bigint not null check (until >= at), -- ticks missed in a row are one record: the last of them,
  count integer not null check (count >= 1), -- and how many
  job_id uuid,
  skipped text check (skipped in ('misfire', 'overlap', 'error')),
  reason text,                             -- for people
  recorded_at bigint not null,
  primary key (workspace, path, at),
  check ((job_id is null) <> (skipped is null))
);

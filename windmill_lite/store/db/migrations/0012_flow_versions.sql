-- Flows as they are deployed, their drafts, and schedules that start one.

-- Every version of every flow. A version never changes: its flags do, and all of a flow move when its path does.
create table flow_version(
  workspace text not null references workspace(id),
  id bigint not null,                      -- counts up in its workspace
  path text not null,
  summary text not null,
  description text not null,
  value text not null,                     -- JSON: OpenFlow, as it came
  uses text not null,                      -- JSON array of what its steps name: `script/f/a/b`, `flow/f/a/b`
  schema text,                             -- JSON, of its arguments
  tag text,
  options text not null default '{}',      -- JSON: the fields that are kept and given back as they came
  created_by text not null,
  created_at bigint not null,
  deployment_message text,
  archived smallint not null default 0 check (archived in (0, 1)),
  deleted smallint not null default 0 check (deleted in (0, 1)),
  head smallint not null default 1 check (head in (0, 1)),   -- the newest version of its path
  primary key (workspace, id)
);
create unique index flow_head on flow_version(workspace, path) where head = 1;
create index flow_history on flow_version(workspace, path, id);

-- The last number that a workspace's flows were given.
create table flow_count(
  workspace text primary key references workspace(id),
  last bigint not null
);

-- What a person is writing and has not deployed.
create table draft(
  workspace text not null references workspace(id),
  kind text not null,
  path text not null,
  email text not null,
  value text not null,                     -- JSON, as the editor left it
  summary text,                            -- of what it is a draft of, for lists...
  new_path text,                           -- ...and where it shall be deployed, when that is elsewhere
  saved_at bigint not null,
  primary key (workspace, kind, path, email)
);
create index draft_of on draft(workspace, email, saved_at);

alter table schedule add column is_flow smallint not null default 0 check (is_flow in (0, 1));

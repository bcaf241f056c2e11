-- Variables and resources, the types of resources, and the keys that secrets are sealed with.

create table workspace_key(
  workspace text not null references workspace(id),
  number integer not null check (number >= 1),
  sealed text not null,                    -- the key in hex, sealed with the instance's secret key
  created_at bigint not null,
  primary key (workspace, number)
);

create table variable(
  workspace text not null references workspace(id),
  path text not null,
  value text not null,                     -- of a secret: sealed for this workspace and path
  is_secret smallint not null check (is_secret in (0, 1)),
  description text not null,
  labels text not null,                    -- JSON array
  edited_by text not null,
  edited_at bigint not null,
  primary key (workspace, path)
);

create table resource(
  workspace text not null references workspace(id),
  path text not null,
  value text not null,                     -- JSON, with its references as they were given
  resource_type text not null,
  description text,
  labels text not null,                    -- JSON array
  created_by text not null,
  edited_by text not null,
  edited_at bigint not null,
  primary key (workspace, path)
);
create index resource_of_type on resource(workspace, resource_type);

create table resource_type(
  workspace text not null references workspace(id),
  name text not null,
  schema text not null,                    -- JSON
  description text,
  format_extension text,
  created_by text not null,
  edited_at bigint not null,
  primary key (workspace, name)
);

-- Groups of a workspace. The group `all` is no row: everybody is in it.

create table workspace_group(
  workspace text not null references workspace(id),
  name text not null,
  summary text not null,
  extra_perms text not null,               -- JSON: `u/<username>` or `g/<group>` to true: an owner
  changed_at bigint not null,
  primary key (workspace, name)
);

create table group_member(
  workspace text not null,
  name text not null,                      -- of the group
  username text not null,
  primary key (workspace, name, username),
  foreign key (workspace, name) references workspace_group(workspace, name),
  foreign key (workspace, username) references member(workspace, username)
);
create index group_member_in on group_member(workspace, username);

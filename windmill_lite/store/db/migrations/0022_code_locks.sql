-- Locks of code that is a step of flows and no script of its own, by what the code and all it imports are.

create table code_lock(
  workspace text not null references workspace(id),
  digest text not null,
  lock text not null,
  used_at bigint not null,                 -- to the day
  primary key (workspace, digest)
);
create index code_lock_used on code_lock(used_at);

-- For how many days completed runs are kept: of a workspace (path ''), a path, or all paths below one.
create table retention(
  workspace text not null references workspace(id),
  path text not null,                      -- '', f/x/y or f/x/*
  days integer not null check (days >= 0), -- 0: for ever
  changed_by text not null,
  changed_at bigint not null,
  primary key (workspace, path)
);

-- The big tables lose their oldest rows all the time: what those held is to be used again soon.
alter table job set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02); --[postgres]
alter table job_done set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02); --[postgres]
alter table job_log set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02); --[postgres]

-- Trees that were canceled and have more members than one transaction ends: what is left to do.
create table cancel_order(
  job_id uuid primary key,                 -- the top, which itself is canceled already
  canceled_by text not null,
  reason text not null,
  by_force smallint not null check (by_force in (0, 1))
);

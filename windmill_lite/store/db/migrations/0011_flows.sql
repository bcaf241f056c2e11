-- Flows: what a flow knows while it runs, beside its job.

alter table job add column child_name text;  -- of a flow's child: its name there, from which its id is derived

create table flow_run(
  id uuid primary key references job(id),
  version bigint not null,                 -- raised with every status that is stored
  status text not null,                    -- JSON, see core/flow/stored.py
  due_at bigint,                           -- when it wants to be woken; null: not by a time
  begun_at bigint,                         -- its first turn
  answer text,                             -- a reference: what who waits for it may have before it ends
  owner uuid not null,                     -- the flow whose definition and arguments these are
  place text,                              -- of a body in that definition; null: the whole
  scope uuid not null,                     -- where results of its steps are recorded
  parent uuid,
  name text not null,                      -- in the parent
  rounds text not null                     -- JSON: the turns of the loops around it
);

-- What a loop goes over, an item a row: a turn reads one.
create table flow_item(
  run uuid not null,
  step text not null,
  attempt bigint not null,
  number bigint not null,
  value text not null,                     -- JSON
  primary key (run, step, attempt, number)
);

-- Where `results.<step>` is, in each scope the last that was recorded.
create table flow_result(
  scope uuid not null,
  step text not null,
  run uuid not null,
  ref text not null,                       -- JSON
  primary key (scope, step)
);

-- What people said to a gate.
create table flow_voice(
  gate uuid not null,
  number bigint not null,
  payload text not null,                   -- JSON
  approver text,
  kind text not null check (kind in ('yes', 'no', 'note')),
  said_at bigint not null,
  primary key (gate, number)
);

-- Children that ended without their flow being told: somebody else ended them. The flow reads these when it has
-- its turn, and takes them away with what it decides.
create table flow_letter(
  run uuid not null,
  name text not null,
  final smallint not null check (final in (0, 1)),
  primary key (run, name)
);

-- What people and scripts say to a flow that runs.

-- What the scripts of a flow keep for each other.
create table flow_user_state(
  flow uuid not null,
  key text not null,
  value text not null,                     -- JSON
  primary key (flow, key)
);

-- The link by which somebody spoke: the same one speaks once. Null: its owner, or the flow itself.
alter table flow_voice add column resume_id bigint;
create unique index flow_voice_once on flow_voice(gate, resume_id) where resume_id is not null;

-- Who may speak to a gate, as the step that waits behind it found when it began to wait.
create table flow_gate(
  gate uuid primary key,                   -- the job of the step that asked
  run uuid not null,                       -- the flow that waits
  groups text not null,                    -- JSON array; empty: whoever
  login smallint not null check (login in (0, 1)),
  others smallint not null check (others in (0, 1))  -- not who started the flow
);
create index flow_gate_of on flow_gate(run);

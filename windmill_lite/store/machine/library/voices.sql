-- What people say to flows that wait for them, and who may.

-- name: speak
-- Nothing, when this link has spoken.
insert into flow_voice(gate, number, payload, approver, kind, said_at, resume_id)
select :gate, coalesce(max(number), 0) + 1, :payload, :approver, :kind, cast(:said_at as bigint),
  cast(:resume_id as bigint)
from flow_voice where gate = :gate
having not exists (select 1 from flow_voice v where v.gate = :gate and v.resume_id = :resume_id)

-- name: said
select kind from flow_voice where gate = :gate and resume_id = :resume_id

-- name: count
select count(*) as voices from flow_voice where gate = :gate

-- name: heard
-- Who said yes to a step, or to its flow as a whole.
select coalesce(resume_id, number) as resume_id, approver from flow_voice
where gate in (:gate, :flow) and kind = 'yes' order by said_at, number

-- name: open_gate
insert into flow_gate(gate, run, groups, login, others) values (:gate, :run, :groups, :login, :others)
on conflict (gate) do update set groups = excluded.groups, login = excluded.login, others = excluded.others

-- name: gate
select login, others, groups from flow_gate where gate = :gate

-- name: gated_runs
-- Of a flow and of what runs inside of it: those that began to wait for people and have not ended.
select distinct g.run from flow_gate g
where g.run in (
  select q.id from job_queue q join job j on j.id = q.id where j.id = :id or (j.root_id = :id and q.workspace = :workspace))

-- name: bump
-- Whoever is deciding about the flow decides again.
update flow_run set version = version + 1 where id = :id

-- name: hear
-- A worker takes the flow at once, and lets it wait again when that was not enough.
update job_queue set state = 'delayed', scheduled_for = :now
where id = :id and state in ('suspended', 'delayed') and canceled_by is null

-- name: job
select * from job where id = :id

-- name: result
select result from job_done where id = :id

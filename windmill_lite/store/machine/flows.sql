-- Flows: runs, their items, results and voices. A status is stored if its version is still the one that was read.

-- name: run
-- With what has come for it, and whether it lives and nobody has canceled it.
select r.id, r.version, r.status, r.due_at, r.begun_at, r.owner, r.place, r.scope, r.parent, r.name, r.rounds,
  (select count(*) from flow_letter l where l.run = r.id) as letters,
  (select count(*) from job_queue q where q.id = r.id and q.canceled_by is null) as lives,
  (select q.tag from job_queue q where q.id = r.owner) as tag
from flow_run r where r.id = :id

-- name: job
select * from job where id = :id

-- name: result
select result from job_done where id = :id

-- name: results
select id, result from job_done where id in :ids

-- name: tried
select args, timeout_s, tag from job where id = :id

-- name: recorded
select run, ref from flow_result where scope = :scope and step = :step

-- name: recorded_steps
select step from flow_result where scope = :scope order by step

-- name: item
select value from flow_item where run = :run and step = :step and attempt = :attempt and number = :number

-- name: voices
-- Of a step, and of those who spoke to the flow as a whole, for whichever step will ask.
select payload, approver, kind from flow_voice
where gate in (:gate, :run)
order by said_at, number

-- name: insert_run
insert into flow_run(id, version, status, due_at, begun_at, owner, place, scope, parent, name, rounds)
values (:id, 1, :status, :due_at, :begun_at, :owner, :place, :scope, :parent, :name, :rounds)

-- name: store_run
-- No row changed: somebody decided meanwhile.
update flow_run set version = version + 1, status = :status, due_at = :due_at, begun_at = :begun_at
where id = :id and version = :version

-- name: answer
update flow_run set answer = :ref where id = :id

-- name: run_version
select version from flow_run where id = :id

-- name: answered
select answer from flow_run where id = :id

-- name: children
-- How far these jobs are: of a body that waits for its own children, since its first turn.
select j.id, coalesce(d.started_at, q.started_at, r.begun_at) as started_at, d.duration_ms, d.outcome
from job j
left join job_queue q on q.id = j.id
left join job_done d on d.id = j.id
left join flow_run r on r.id = j.id
where j.id in :ids

-- name: approvers
select gate, coalesce(resume_id, number) as resume_id, approver from flow_voice
where gate in :ids and kind = 'yes' order by number

-- name: insert_item
insert into flow_item(run, step, attempt, number, value) values (:run, :step, :attempt, :number, :value)

-- name: put_result
insert into flow_result(scope, step, run, ref) values (:scope, :step, :run, :ref)
on conflict (scope, step) do update set run = excluded.run, ref = excluded.ref

-- name: insert_voice
insert into flow_voice(gate, number, payload, approver, kind, said_at)
select :gate, coalesce(max(number), 0) + 1, :payload, :approver, :kind, cast(:said_at as bigint)
from flow_voice where gate = :gate

-- name: wait
-- A flow waits for another time than before, or for none; one that a worker holds stays as it is, and so does one
-- that is called because of a letter.
update job_queue set state = :state, scheduled_for = coalesce(cast(:due_at as bigint), scheduled_for)
where id = :id and state <> 'running' and not exists (select 1 from flow_letter l where l.run = job_queue.id)

-- name: touch
-- Whoever is deciding about these flows decides anew.
update flow_run set version = version + 1 where id in :ids

-- name: let_go
-- The worker that woke a flow has decided; the attempt does not count.
update job_queue
set state = :state, scheduled_for = coalesce(cast(:due_at as bigint), scheduled_for), attempt = 0, worker_id = null,
  started_at = null, tag = coalesce(cast(:tag as text), tag)
where id = :id and attempt = :attempt and state = 'running' and canceled_by is null

-- name: post
-- Of a child whose flow lives and is not being canceled itself.
insert into flow_letter(run, name, final)
select j.parent_id, j.child_name, cast(:final as smallint)
from job j join job_queue q on q.id = j.parent_id
where j.id = :id and j.child_name is not null and q.canceled_by is null
on conflict (run, name) do nothing

-- name: call
-- The flow decides anew, whoever is about to decide without the letter.
update flow_run set version = version + 1
where id = (select parent_id from job where id = :id)

-- name: call_queue
update job_queue set state = 'delayed', scheduled_for = cast(:now as bigint)
where id = (select parent_id from job where id = :id) and state <> 'running'

-- name: letters
select name, final from flow_letter where run = :run order by name

-- name: take_letter
delete from flow_letter where run = :run and name = :name

-- name: user_states
select key, value from flow_user_state where flow = :flow order by key

-- name: user_state
select value from flow_user_state where flow = :flow and key = :key

-- name: put_user_state
insert into flow_user_state(flow, key, value) values (:flow, :key, :value)
on conflict (flow, key) do update set value = excluded.value

-- name: count_user_states
select count(*) as states from flow_user_state where flow = :flow

-- name: forget_runs
delete from flow_run where id in :ids

-- name: forget_items
delete from flow_item where run in :ids

-- name: forget_results
delete from flow_result where scope in :ids

-- name: forget_voices
delete from flow_voice where gate in :ids

-- name: forget_letters
delete from flow_letter where run in :ids

-- name: forget_gates
delete from flow_gate where gate in :ids

-- name: forget_user_states
delete from flow_user_state where flow in :ids

-- name: forget_cleanups
delete from flow_cleanup where job in :ids

-- name: clean_later
insert into flow_cleanup(job, root, after_s) values (:job, :root, :after_s) on conflict (job) do nothing

-- name: to_clean
-- Steps of flows that have ended, which have ended themselves. From the roots: few flows have such steps.
select c.job, c.after_s, d.completed_at
from flow_cleanup c join job_done d on d.id = c.root join job_done e on e.id = c.job
order by c.root limit :most

-- name: clean_at
update job_done set delete_at = :at where id = :job and deleted = 0

-- name: cleaned
delete from flow_cleanup where job = :job

-- name: drop_key
update job_queue set concurrency_key = null where id = :id

-- name: hold_key
insert into key_holder(flow, key) values (:flow, :key) on conflict (flow) do nothing

-- name: leave_keys
delete from key_holder where flow in :flows returning key

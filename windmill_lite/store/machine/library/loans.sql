-- Runs that go on from earlier ones.

-- name: lend
-- Nothing, when the earlier run is being removed.
insert into flow_loan(run, lender)
select :run, d.id from job_done d where d.id = :lender

-- name: inherit
insert into flow_result(scope, step, run, ref)
select :run, r.step, r.run, r.ref from flow_result r where r.scope = :lender and r.step in :steps

-- name: hear_again
-- What people said in the earlier run holds in this one.
insert into flow_voice(gate, number, payload, approver, kind, said_at, resume_id)
select :gate, v.number, v.payload, v.approver, v.kind, v.said_at, v.resume_id
from flow_voice v where v.gate = :before

-- name: lent
-- Of these runs those that others go on from.
select distinct lender from flow_loan where lender in :ids

-- name: forget
delete from flow_loan where run in :ids

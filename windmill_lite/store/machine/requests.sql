-- Requests that may be sent again. The row is written in the transaction that inserts its job, and
-- counts until it is forgotten.

-- name: remember
-- Nothing changes: somebody was first. On Postgres a request under way at the same moment is waited
-- for, and the row stays until we are through: `update` locks it, also when it updates nothing.
insert into idempotency(workspace, username, key, fingerprint, job_id, created_at)
values (:workspace, :username, :key, :fingerprint, :job_id, :now)
on conflict (workspace, username, key) do update set job_id = excluded.job_id where false

-- name: remembered
select fingerprint, job_id from idempotency
where workspace = :workspace and username = :username and key = :key

-- name: newest
select max(created_at) as at from idempotency

-- name: oldest
select min(created_at) as at from idempotency

-- name: forget
delete from idempotency where (workspace, username, key) in (
  select workspace, username, key from idempotency where created_at <= :before
  order by created_at limit :most)

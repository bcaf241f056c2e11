-- Requests that may be sent again. The row is written in the transaction that inserts its job.

-- name: remember
-- No row: somebody was first. On Postgres a request under way at the same moment is waited for.
insert into idempotency(workspace, username, key, fingerprint, job_id, created_at)
values (:workspace, :username, :key, :fingerprint, :job_id, :now)
on conflict (workspace, username, key) do update
set fingerprint = excluded.fingerprint, job_id = excluded.job_id, created_at = excluded.created_at
where idempotency.created_at <= :before

-- name: remembered
select fingerprint, job_id from idempotency
where workspace = :workspace and username = :username and key = :key and created_at > :before

-- name: any_older
select 1 as one from idempotency where created_at <= :before limit 1

-- name: forget
delete from idempotency where (workspace, username, key) in (
  select workspace, username, key from idempotency where created_at <= :before
  order by created_at limit :most)

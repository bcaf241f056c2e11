-- Jobs that wait for others of their concurrency key. The protocol is in engine/rules/keys.py.
-- `state between 'queued' and 'queued'` keeps Postgres from walking through all ready jobs in `queue_ready`,
-- whose condition it does not see in it, when it believes that few are ready.

-- name: lock_key [sqlite]
-- `held` 1: whoever else wants the key waits until this transaction ends. With `wait` 0 it is not waited for.
select 1 as held where :key is not null and :wait is not null

-- name: lock_key [postgres]
-- Differs because SQLite has one writer, who has every lock already. The first number keeps these locks
-- apart from others; keys with the same hash wait for each other without need, which is rare and harmless.
select case when cast(:wait as integer) = 1
  then (pg_advisory_xact_lock(5273, hashtext(cast(:key as text))) is not null)::int
  else pg_try_advisory_xact_lock(5273, hashtext(cast(:key as text)))::int end as held

-- name: facts
-- What a job of a key asks, how many others of the key run (flows that wait for their steps among them), and how
-- many of its tag are ready.
select j.concurrent_limit, j.concurrency_window_s, (
    select count(*) from job_queue q
    where q.concurrency_key = j.concurrency_key and q.state = 'running' and q.id <> j.id) + (
    select count(*) from key_holder h where h.key = j.concurrency_key) as running, (
    select count(*) from job_queue q
    where q.concurrency_key = j.concurrency_key and q.state between 'queued' and 'queued' and q.tag = j.tag) as ready
from job j where j.id = :id

-- name: latest_starts
select started_at from key_start where key = :key order by started_at desc limit :most

-- name: insert_start
insert into key_start(key, started_at, job_id, until) values (:key, :started_at, :job_id, :until)
on conflict (key, started_at, job_id) do nothing

-- name: put_back
-- A claim that is not to be; nobody else has seen it.
update job_queue set state = :state, attempt = attempt - 1, worker_id = null, started_at = null
where id = :id and attempt = :attempt and state = 'running'

-- name: block [sqlite]
-- The ready jobs of a full key wait.
update job_queue set state = 'blocked'
where id in (
  select id from job_queue where concurrency_key = :key and state between 'queued' and 'queued' limit :most)

-- name: block [postgres]
-- Differs because others may be claiming some of them: rows locked by others are skipped. An array, lest
-- the planner, who does not know `most`, reads the whole table.
update job_queue set state = 'blocked'
where id = any (array(
  select id from job_queue where concurrency_key = :key and state between 'queued' and 'queued' limit :most
  for update skip locked))

-- name: blocked_tags
-- The tags of the blocked jobs of a key, each by one step in `queue_key`.
with recursive step(tag) as (
  select (
    select q.tag from job_queue q where q.concurrency_key = :key and q.state = 'blocked'
    order by q.tag limit 1)
  union all
  select (
    select q.tag from job_queue q where q.concurrency_key = :key and q.state = 'blocked' and q.tag > step.tag
    order by q.tag limit 1)
  from step where step.tag is not null)
select tag from step where tag is not null

-- name: first_blocked
select id from job_queue
where concurrency_key = :key and state = 'blocked' and tag = :tag
order by priority desc, scheduled_for, id limit 1

-- name: wake [sqlite]
-- The first blocked jobs of a key and a tag are ready again.
update job_queue set state = 'queued'
where id in (
  select id from job_queue where concurrency_key = :key and state = 'blocked' and tag = :tag
  order by priority desc, scheduled_for, id limit :most)

-- name: wake [postgres]
-- Differs because somebody may be canceling one of them: rows locked by others are skipped. An array, lest
-- the planner, who does not know `most`, reads the whole table.
update job_queue set state = 'queued'
where id = any (array(
  select id from job_queue where concurrency_key = :key and state = 'blocked' and tag = :tag
  order by priority desc, scheduled_for, id limit :most
  for update skip locked))

-- name: wake_later
-- The earlier of two moments stays.
insert into key_wake(key, wake_at) values (:key, :wake_at)
on conflict (key) do update set wake_at = excluded.wake_at where excluded.wake_at < key_wake.wake_at

-- name: due
select key from key_wake where wake_at <= :now order by wake_at limit :most

-- name: next_wake
select wake_at from key_wake order by wake_at limit 1

-- name: woken
delete from key_wake where key = :key and wake_at <= :now

-- name: any_old_start
select 1 as one from key_start where until <= :now limit 1

-- name: forget_starts
delete from key_start where (key, started_at, job_id) in (
  select key, started_at, job_id from key_start where until <= :now order by until limit :most)

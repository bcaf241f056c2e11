-- Queries of the exam, on a table with a column of every kind.

-- name: make [sqlite]
create table exam(
  id blob primary key,
  word text,
  number integer,
  ratio real,
  flag integer not null default 0 check (flag in (0, 1))
) strict
-- name: make [postgres]
-- Differs because SQLite calls the types otherwise.
create table exam(
  id uuid primary key,
  word text collate "C",
  number bigint,
  ratio double precision,
  flag smallint not null default 0 check (flag in (0, 1))
)

-- name: add
insert into exam(id, word, number, ratio, flag) values (:id, :word, :number, :ratio, :flag)

-- name: add_word
insert into exam(id, word) values (:id, :word)

-- name: add_word_once
insert into exam(id, word) values (:id, :word) on conflict do nothing

-- name: get
select * from exam where id = :id

-- name: words
select word from exam order by word

-- name: words_like
select word from exam where word like :pattern order by word

-- name: some
select word from exam
where flag = 0
  and word = :word       --? word
  and number >= :low and number < :high --? low high
  and id in :ids         --? ids
order by word

-- name: total
select count(*) as rows, sum(number) as total, avg(ratio) as mean from exam

-- name: rename
update exam set word = :word where id in :ids

-- name: rename_and_tell
update exam set word = :word where id in :ids returning id, word

-- name: rename_with
with chosen as (select id from exam where word = :old)
update exam set word = :word where id in (select id from chosen)

-- name: drop_all
delete from exam

-- name: nonsense
selekt :word

-- name: flag
update exam set flag = :flag

-- name: count_up
update exam set number = coalesce(number, 0) + 1

-- name: forever
-- Runs until somebody stops it.
with recursive n(i) as (select 1 union all select i + 1 from n where i > 0)
select count(*) as rows from n

-- name: fail_with
-- A failure of the server's choice.
select exam_fail(:state) as never

-- name: make_fail
create or replace function exam_fail(state text) returns int language plpgsql as
'begin raise exception using errcode = state, message = ''as asked''; end'

-- name: kill_me
select pg_terminate_backend(pg_backend_pid()) as killed

-- name: my_pid
select pg_backend_pid() as pid

-- name: kill_others
-- Every connection of this database but our own.
select count(pg_terminate_backend(pid)) as killed
from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()

-- name: pids
select pid, query from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()

-- name: listeners
select pid from pg_stat_activity
where datname = current_database() and query ilike '%listen%windmill_lite%'

-- name: make_slow_commit
-- From here on a commit that added a row waits for the advisory lock 1.
create or replace function exam_wait() returns trigger language plpgsql as
'begin perform pg_advisory_xact_lock(1); return null; end'

-- name: attach_slow_commit
create constraint trigger exam_slow after insert on exam
deferrable initially deferred for each row execute function exam_wait()

-- name: hold_commits
select pg_advisory_lock(1)::text as held

-- name: release_commits
select pg_advisory_unlock(1) as released

-- name: waiting_commits
select pid from pg_stat_activity
where datname = current_database() and wait_event = 'advisory' and query = 'commit'

-- name: waiting_statements
-- The same of those that commit by themselves.
select pid from pg_stat_activity
where datname = current_database() and wait_event = 'advisory' and query like '%returning%'

-- name: setting
select current_setting(:name) as value

-- Keeping: lists that stay flat over millions of completed jobs, one leader, retention.

-- How it ended: immutable. The result is the last column: what comes after something large is slow to
-- read on SQLite, so whoever adds a column makes the table anew, as here.
create table done_anew(
  id uuid primary key references job(id),
  workspace text not null,
  kind text not null,
  path text,
  script_hash text,
  language text,
  created_by text not null,
  permissioned_as text not null,
  visible_to_owner smallint not null check (visible_to_owner in (0, 1)),
  created_at bigint not null,
  tag text not null,
  schedule_path text,
  trigger_kind text,
  outcome text not null check (outcome in ('success', 'failure', 'canceled', 'skipped')),
  root smallint not null check (root in (0, 1)),             -- has no parent
  parent_id uuid,
  started_at bigint,
  completed_at bigint not null,
  duration_ms bigint not null,
  attempt smallint not null,
  retries smallint not null default 0,     -- failures before that were tried again
  worker text,
  sandbox text,                            -- the level of the box it ran in
  memory_peak_kb bigint,
  canceled_by text,
  canceled_reason text,
  deleted smallint not null default 0 check (deleted in (0, 1)),
  labels text,                             -- JSON array
  cached_from uuid,                        -- the job whose result this is: it did not run itself
  delete_at bigint,                        -- when arguments, log and result go; null: never, or gone
  result text not null                     -- JSON
);
insert into done_anew(
  id, workspace, kind, path, script_hash, language, created_by, permissioned_as, visible_to_owner, created_at, tag,
  schedule_path, trigger_kind, outcome, root, parent_id, started_at, completed_at, duration_ms, attempt, retries,
  worker, sandbox, memory_peak_kb, canceled_by, canceled_reason, deleted, labels, cached_from, delete_at, result)
select
  id, workspace, kind, path, script_hash, language, created_by, permissioned_as, visible_to_owner, created_at, tag,
  schedule_path, trigger_kind, outcome, root, parent_id, started_at, completed_at, duration_ms, attempt, retries,
  worker, sandbox, memory_peak_kb, canceled_by, canceled_reason, deleted, labels, cached_from, delete_at, result
from job_done;
drop table job_done;
alter table done_anew rename to job_done;
create index done_delete on job_done(delete_at) where delete_at is not null;

-- Lists are ordered by (created_at, id): a client may choose an id, but no moment. Each way into the
-- table is one index that has the order; the last three hold only what is not the rule.
create index done_time on job_done(workspace, root, created_at);
create index done_path on job_done(workspace, path, created_at) where path is not null;
create index done_user on job_done(workspace, created_by, created_at);
create index done_trouble on job_done(workspace, created_at) where outcome <> 'success';
create index done_parent on job_done(parent_id, created_at) where parent_id is not null;
create index done_folder on job_done(workspace, created_at)
  where visible_to_owner = 1 and substr(path, 1, 2) = 'f/';
create index done_lent on job_done(workspace, permissioned_as, created_at)
  where permissioned_as <> 'u/' || created_by;
create index done_schedule on job_done(workspace, schedule_path, created_at)
  where schedule_path is not null;
create index done_tag on job_done(workspace, tag, created_at) where tag <> coalesce(language, '');

-- The labels of completed jobs, one row each.
create table job_label(
  workspace text not null,
  label text not null,
  created_at bigint not null,              -- of the job
  job_id uuid not null,
  primary key (workspace, label, created_at, job_id)
)
without rowid --[sqlite]
;
create index label_job on job_label(job_id);
insert into job_label(workspace, label, created_at, job_id)
select distinct d.workspace, l.value, d.created_at, d.id
from job_done d, json_each(d.labels) l where d.labels is not null; --[sqlite]
from job_done d, json_array_elements_text(cast(d.labels as json)) l(value) where d.labels is not null; --[postgres]

alter table job_queue add column created_at bigint not null default 0;
update job_queue set created_at = (select j.created_at from job j where j.id = job_queue.id);
drop index queue_workspace;
create index queue_workspace on job_queue(workspace, created_at);

-- Who does what only one may do, and since when: see engine/lease.py. Moments are of the database's clock.
create table lease(
  name text primary key,
  holder uuid not null,                    -- one process start
  term bigint not null check (term >= 1),  -- raised whenever the lease is taken
  since bigint not null,
  expires_at bigint not null
);

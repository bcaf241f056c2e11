-- Completed runs that may go, and their going. A run goes with its whole tree, the leaves first, so that
-- whatever is interrupted leaves a smaller tree and nothing that hangs from nowhere.

-- name: workspaces
select id from workspace order by id

-- name: rules
select workspace, path, days from retention order by workspace, path

-- name: rules_of
select path, days from retention where workspace = :workspace order by path

-- name: put_rule
insert into retention(workspace, path, days, changed_by, changed_at)
values (:workspace, :path, :days, :changed_by, :changed_at)

-- name: delete_rules
delete from retention where workspace = :workspace

-- name: old
-- Runs that were created before a moment, the oldest first; of children (root = 0) whether the parent is there.
-- No `exists`: for each of its rows Postgres would rather read all jobs once.
select d.id, d.path, d.created_at, d.completed_at,
  case when (select p.id from job p where p.id = d.parent_id) is null then 0 else 1 end as has_parent
from job_done d
where d.workspace = :workspace and d.root = :root and d.created_at < :before
  and d.created_at >= :since --? since
  and (d.created_at, d.id) > (:at, :at_id) --? at
order by d.created_at, d.id
limit :most

-- name: oldest
select created_at from job_done
where workspace = :workspace and root = 1
  and created_at > :after --? after
order by created_at
limit 1

-- name: trees
-- Of what hangs from these runs: how many, how many have not completed, when the last one did. A question for
-- each member, lest Postgres, who does not know how many there are, reads all completed jobs for them.
with recursive tree(id, top) as (
  select j.id, j.parent_id from job j where j.parent_id in :ids
  union all
  select j.id, t.top from tree t join job j on j.parent_id = t.id)
select m.top, count(*) as members, sum(case when m.completed_at is null then 1 else 0 end) as alive,
  max(m.completed_at) as completed_at
from (select t.top, (select d.completed_at from job_done d where d.id = t.id) as completed_at from tree t) m
group by m.top

-- name: leaves
-- What hangs from these runs, the deepest first.
with recursive tree(id, depth) as (
  select j.id, 1 from job j where j.parent_id in :ids
  union all
  select j.id, t.depth + 1 from tree t join job j on j.parent_id = t.id)
select id from tree order by depth desc limit :most

-- name: still_completed
select id, completed_at from job_done where id in :ids

-- name: weights
-- About how many bytes each of some completed jobs takes, with its log.
select j.id, 600 + length(j.args) + coalesce(length(j.raw_code), 0) + length(d.result)
    + coalesce((select sum(l.stop - l.start) from job_log l where l.job_id = j.id), 0) as bytes
from job_done d join job j on j.id = d.id
where d.id in :ids

-- name: log_weight
select coalesce(sum(stop - start), 0) as bytes from job_log where job_id in :ids

-- name: delete_logs
delete from job_log where job_id in :ids

-- name: delete_streams
delete from job_stream where job_id in :ids

-- name: delete_progress
delete from job_progress where job_id in :ids

-- name: delete_labels
delete from job_label where job_id in :ids

-- name: delete_done
delete from job_done where id in :ids

-- name: delete_jobs
delete from job where id in :ids

-- name: logged
-- Jobs that have a log, by id, and when they completed.
select l.job_id as id, (select d.completed_at from job_done d where d.id = l.job_id) as completed_at
from (
  select job_id from job_log
  where job_id > :after_id --? after_id
  group by job_id order by job_id limit :most) l
order by l.job_id

-- Results that answer again, and results that go.

-- name: find
-- The job whose result answers; one whose result is gone does not.
select c.job_id from result_cache c
join job_done d on d.id = c.job_id and d.deleted = 0
where c.workspace = :workspace and c.key = :key and c.expires_at > :now

-- name: keep
insert into result_cache(workspace, key, job_id, expires_at)
select workspace, cache_key, id, cast(:now as bigint) + cache_ttl_s * 1000000
from job where id = :id and cache_key is not null and cache_ttl_s is not null
on conflict (workspace, key) do update set job_id = excluded.job_id, expires_at = excluded.expires_at

-- name: answer
-- A job that did not run: its result is another's.
insert into job_done(
  id, workspace, kind, path, script_hash, language, created_by, permissioned_as, visible_to_owner, created_at,
  tag, schedule_path, trigger_kind, outcome, root, parent_id, completed_at, duration_ms, attempt, labels, result,
  cached_from, delete_at)
select
  j.id, j.workspace, j.kind, j.path, j.script_hash, j.language, j.created_by, j.permissioned_as, j.visible_to_owner,
  j.created_at, j.tag, j.schedule_path, j.trigger_kind, 'success', case when j.parent_id is null then 1 else 0 end,
  j.parent_id, cast(:now as bigint), 0, 0, d.labels, d.result, d.id,
  cast(:delete_at as bigint)
from job j join job_done d on d.id = :source
where j.id = :id

-- name: copy_labels
insert into job_label(workspace, label, created_at, job_id)
select l.workspace, l.label, j.created_at, j.id
from job j join job_label l on l.job_id = :source
where j.id = :id

-- name: any_expired
select 1 as one from result_cache where expires_at <= :now limit 1

-- name: forget_expired
delete from result_cache where (workspace, key) in (
  select workspace, key from result_cache where expires_at <= :now order by expires_at limit :most)

-- name: to_delete
select id from job_done where delete_at <= :now order by delete_at limit :most

-- name: delete_log
delete from job_log where job_id = :id

-- name: delete_stream
delete from job_stream where job_id = :id

-- name: delete_labels
delete from job_label where job_id = :id

-- name: delete_args
update job set args = '{}' where id = :id

-- name: delete_result
update job_done set result = 'null', labels = null, deleted = 1, delete_at = null where id = :id

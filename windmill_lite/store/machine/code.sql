-- Script versions, for the engine.

-- name: head
select * from script where workspace = :workspace and path = :path and head = 1

-- name: version
select * from script where workspace = :workspace and hash = :hash

-- name: deployed
-- The version that runs under a path: the newest whose dependencies are not known to be unresolvable; where
-- its lock is still being made, its runs wait for it or make it. Archived ones run.
select hash, language, tag, timeout_s, schema, kind, options from script
where workspace = :workspace and path = :path and deleted = 0 and lock_error is null
order by created_at desc, head desc
limit 1

-- name: unhead
update script set head = 0 where workspace = :workspace and path = :path and head = 1

-- name: insert_version
insert into script(
  workspace, hash, path, parent_hash, summary, description, content, language, kind, schema, lock, tag,
  timeout_s, options, created_by, created_at, deployment_message, head)
values (
  :workspace, :hash, :path, :parent_hash, :summary, :description, :content, :language, :kind, :schema, :lock, :tag,
  :timeout_s, :options, :created_by, :created_at, :deployment_message, 1)

-- name: settle_lock
-- Of a version that was deployed without one: the first is the last.
update script set lock = :lock, lock_error = null
where workspace = :workspace and hash = :hash and (lock is null or lock = '')

-- name: refuse_lock
-- Of a version for which nobody has found one.
update script set lock_error = :error where workspace = :workspace and hash = :hash and lock is null

-- name: version_of_job
select workspace, script_hash as hash, created_by from job where id = :job_id and script_hash is not null

-- name: archive_path
update script set archived = 1 where workspace = :workspace and path = :path and archived = 0

-- name: archive_version
update script set archived = 1 where workspace = :workspace and hash = :hash

-- name: describe
update script set deployment_message = :message where workspace = :workspace and hash = :hash

-- name: delete_version
-- The facts stay for the runs that name the version; the code goes.
update script set content = '', archived = 1, deleted = 1, head = 0
where workspace = :workspace and hash = :hash

-- name: delete_path
update script set content = '', archived = 1, deleted = 1, head = 0
where workspace = :workspace and path = :path and deleted = 0

-- name: live_runs_of_path
-- From the queue, which is small: Postgres would begin with every job of the path. A job that resolves
-- dependencies finds no code, and ends.
select 1 as one from job_queue q
where q.workspace = :workspace
  and (select j.path from job j
       where j.id = q.id and j.script_hash is not null and j.kind not in ('dependencies', 'flowdependencies')) = :path
limit 1

-- name: restore_head
-- After the head is gone the newest version that is left takes its place.
update script set head = 1
where workspace = :workspace and hash = (
  select hash from script where workspace = :workspace and path = :path and deleted = 0
  order by created_at desc limit 1)
  and not exists (select 1 from script s where s.workspace = :workspace and s.path = :path and s.head = 1)

-- name: code_lock
select lock, used_at from code_lock where workspace = :workspace and digest = :digest

-- name: keep_code_lock
-- The first is the last.
insert into code_lock(workspace, digest, lock, used_at) values (:workspace, :digest, :lock, :now)
on conflict (workspace, digest) do nothing

-- name: touch_code_lock
update code_lock set used_at = :now where workspace = :workspace and digest = :digest

-- name: forget_code_locks
-- Of code that no flow has run for so long that none has it any more, most likely.
delete from code_lock where used_at < :before

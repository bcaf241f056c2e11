-- Versions of flows, for the engine.

-- name: head
select * from flow_version where workspace = :workspace and path = :path and head = 1

-- name: version
select * from flow_version where workspace = :workspace and id = :id

-- name: uses
-- What the newest versions of some flows name.
select path, uses from flow_version where workspace = :workspace and path in :paths and head = 1

-- name: next_id
insert into flow_count(workspace, last) values (:workspace, 1)
on conflict (workspace) do update set last = flow_count.last + 1

-- name: last_id
select last from flow_count where workspace = :workspace

-- name: unhead
update flow_version set head = 0 where workspace = :workspace and path = :path and head = 1

-- name: insert_version
insert into flow_version(
  workspace, id, path, summary, description, value, uses, schema, tag, options, created_by, created_at,
  deployment_message, head)
values (
  :workspace, :id, :path, :summary, :description, :value, :uses, :schema, :tag, :options, :created_by, :created_at,
  :deployment_message, 1)

-- name: move
-- A flow goes to another path with its whole history; what was there before stays behind the newest of it.
update flow_version set path = :to_path where workspace = :workspace and path = :path

-- name: move_schedules
update schedule set script_path = :to_path where workspace = :workspace and script_path = :path and is_flow = 1

-- name: set_archived
update flow_version set archived = :archived where workspace = :workspace and path = :path and head = 1 and deleted = 0

-- name: describe
update flow_version set deployment_message = :message where workspace = :workspace and id = :id and deleted = 0

-- name: delete
-- The facts stay for the runs that name the versions; the definitions go.
update flow_version set value = '{"modules":[]}', uses = '[]', archived = 1, deleted = 1, head = 0
where workspace = :workspace and path = :path and deleted = 0

-- name: live_runs
-- From the queue, which is small: Postgres would begin with every job of the path.
select 1 as one from job_queue q
where q.workspace = :workspace and (select j.path from job j where j.id = q.id and j.kind = 'flow') = :path
limit 1

-- Resources and their types, for the engine.

-- name: resource
select *, 0 as is_linked from resource where workspace = :workspace and path = :path

-- name: insert_resource
insert into resource(
  workspace, path, value, resource_type, description, labels, created_by, edited_by, edited_at)
values (
  :workspace, :path, :value, :resource_type, :description, :labels, :created_by, :edited_by, :edited_at)
on conflict (workspace, path) do nothing

-- name: edit_resource
-- Unless it was edited since it was read.
update resource set
  value = :value, resource_type = :resource_type, description = :description, labels = :labels,
  edited_by = :edited_by, edited_at = :edited_at
where workspace = :workspace and path = :path and edited_at = :seen_edited_at

-- name: delete_resource
delete from resource where workspace = :workspace and path = :path

-- name: resource_type
select * from resource_type where workspace = :workspace and name = :name

-- name: insert_type
insert into resource_type(workspace, name, schema, description, format_extension, created_by, edited_at)
values (:workspace, :name, :schema, :description, :format_extension, :created_by, :edited_at)
on conflict (workspace, name) do nothing

-- name: edit_type
update resource_type set schema = :schema, description = :description, edited_at = :edited_at
where workspace = :workspace and name = :name

-- name: delete_type
delete from resource_type where workspace = :workspace and name = :name

-- Variables and the keys of their secrets, for the engine.

-- name: variable
select * from variable where workspace = :workspace and path = :path

-- name: insert_variable
insert into variable(workspace, path, value, is_secret, description, labels, edited_by, edited_at)
values (:workspace, :path, :value, :is_secret, :description, :labels, :edited_by, :edited_at)
on conflict (workspace, path) do nothing

-- name: edit_variable
-- Unless it was edited since it was read.
update variable set
  value = :value, is_secret = :is_secret, description = :description, labels = :labels,
  edited_by = :edited_by, edited_at = :edited_at
where workspace = :workspace and path = :path and edited_at = :seen_edited_at

-- name: delete_variable
delete from variable where workspace = :workspace and path = :path

-- name: keys
select number, sealed from workspace_key where workspace = :workspace order by number

-- name: insert_key
insert into workspace_key(workspace, number, sealed, created_at)
values (:workspace, :number, :sealed, :now)
on conflict (workspace, number) do nothing

-- name: all_keys
select workspace, number, sealed from workspace_key order by workspace, number

-- name: reseal_key
update workspace_key set sealed = :sealed where workspace = :workspace and number = :number

-- name: delete_secrets
delete from variable where is_secret = 1

-- name: delete_keys
delete from workspace_key where number >= 1

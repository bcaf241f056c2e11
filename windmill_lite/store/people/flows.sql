-- Flows as a person sees them: one's own paths and every folder's; all of them for admins.

-- name: by_path
select * from flow_version
where workspace = :workspace and path = :path and head = 1 and deleted = 0
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)

-- name: by_version
select * from flow_version
where workspace = :workspace and id = :version and deleted = 0
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)

-- name: list
select workspace, id, path, summary, description, '' as value, '' as uses, null as schema, tag, options, created_by,
  created_at, deployment_message, archived, deleted, head
from flow_version
where workspace = :workspace and head = 1 and deleted = 0 and archived = :archived
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)
  and path = :path --? path
  and substr(path, 1, length(:path_prefix)) = :path_prefix --? path_prefix
  and created_by = :created_by --? created_by
  and replace(uses, :used, '') <> uses --? used
order by created_at desc, id desc --? newest_first
order by created_at, id --? oldest_first
limit :limit offset :offset

-- name: paths
select path from flow_version
where workspace = :workspace and head = 1 and archived = 0 and deleted = 0
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)
order by path

-- name: searched
-- The definitions of the flows deployed last, as far as so many characters.
select path, value from (
  select path, value, sum(length(value)) over (order by id desc) as chars
  from flow_version
  where workspace = :workspace and head = 1 and archived = 0 and deleted = 0
    and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)
) as found
where chars <= :chars_max
limit :limit

-- name: history
select id, created_at, created_by, deployment_message from flow_version
where workspace = :workspace and path = :path and deleted = 0
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)
order by id desc
limit :limit offset :offset

-- Resources as a person sees them: one's own paths and every folder's; all of them for admins.

-- name: by_path
select *,
  (select count(*) from variable v where v.workspace = resource.workspace and v.path = resource.path) as is_linked
from resource
where workspace = :workspace and path = :path
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)

-- name: values
select path, value from resource
where workspace = :workspace and path in :paths
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)

-- name: list
select workspace, path, '' as value, resource_type, description, labels, created_by, edited_by, edited_at,
  (select count(*) from variable v where v.workspace = resource.workspace and v.path = resource.path) as is_linked
from resource
where workspace = :workspace
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)
  and path = :path --? path
  and substr(path, 1, length(:path_prefix)) = :path_prefix --? path_prefix
  and resource_type in :types --? types
  and resource_type not in :types_without --? types_without
  and replace(lower(coalesce(description, '')), lower(:description), '') <> lower(coalesce(description, '')) --? description
  and replace(lower(value), lower(:value), '') <> lower(value) --? value
  and replace(lower(path || ' ' || resource_type || ' ' || coalesce(description, '') || ' ' || value), lower(:anywhere), '') --? anywhere
    <> lower(path || ' ' || resource_type || ' ' || coalesce(description, '') || ' ' || value) --? anywhere
order by path
limit :limit offset :offset

-- name: everything
-- Paths and values, for a search over all of them; a long value is null.
select path, case when length(value) <= :longest then value end as value from resource
where workspace = :workspace
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)
order by path
limit :most

-- name: counts
select resource_type, count(*) as n from resource
where workspace = :workspace
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)
group by resource_type
order by resource_type

-- name: types
-- The workspace's own; who is in it sees all of them.
select * from resource_type where workspace = :workspace order by name

-- name: type
select * from resource_type where workspace = :workspace and name = :name

-- name: type_names
select name from resource_type where workspace = :workspace order by name

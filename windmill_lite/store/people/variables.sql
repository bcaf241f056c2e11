-- Variables as a person sees them: one's own paths and every folder's; all of them for admins.

-- name: by_path
select * from variable
where workspace = :workspace and path = :path
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)

-- name: by_paths
select * from variable
where workspace = :workspace and path in :paths
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)

-- name: list
-- What is asked about values is never asked of secrets.
select * from variable
where workspace = :workspace
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)
  and path = :path --? path
  and substr(path, 1, length(:path_prefix)) = :path_prefix --? path_prefix
  and replace(lower(description), lower(:description), '') <> lower(description) --? description
  and is_secret = 0 and replace(lower(value), lower(:value), '') <> lower(value) --? value
  and replace(lower(path || ' ' || description || ' ' || case is_secret when 0 then value else '' end), lower(:anywhere), '') --? anywhere
    <> lower(path || ' ' || description || ' ' || case is_secret when 0 then value else '' end) --? anywhere
order by path
limit :limit offset :offset

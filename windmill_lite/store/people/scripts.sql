-- Scripts as a person sees them: one's own paths and every folder's; all of them for admins.

-- name: by_path
select * from script
where workspace = :workspace and path = :path and head = 1
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)

-- name: contents
-- What the scripts at these paths are now, for those who import them.
select path, content from script
where workspace = :workspace and path in :paths and head = 1 and deleted = 0 and language in :written_in
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)

-- name: by_hash
select * from script
where workspace = :workspace and hash = :hash
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)

-- name: list
select workspace, hash, path, parent_hash, summary, description, '' as content, language, kind, null as schema,
  lock, lock_error, tag, timeout_s, options, created_by, created_at, deployment_message, archived, deleted, head
from script
where workspace = :workspace and deleted = 0
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)
  and head = 1 --? heads
  and archived = :archived --? archived
  and path = :path --? path
  and substr(path, 1, length(:path_prefix)) = :path_prefix --? path_prefix
  and created_by = :created_by --? created_by
  and language = :language --? language
  and kind in :kinds --? kinds
  and parent_hash = :parent_hash --? parent_hash
order by created_at desc, hash --? newest_first
order by created_at, hash --? oldest_first
limit :limit offset :offset

-- name: searched
-- The code of the scripts deployed last, as far as so many characters.
select path, content from (
  select path, content, sum(length(content)) over (order by created_at desc, hash) as chars
  from script
  where workspace = :workspace and head = 1 and archived = 0 and deleted = 0
    and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)
) as found
where chars <= :chars_max
limit :limit

-- name: history
select hash, parent_hash, created_at, created_by, deployment_message from script
where workspace = :workspace and path = :path and deleted = 0
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)
order by created_at desc, head desc
limit :limit offset :offset

-- name: paths
select path from script
where workspace = :workspace and head = 1 and archived = 0
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)
order by path

-- name: ancestors
-- Parents, nearest first, at most a hundred.
with recursive up(hash, parent_hash, depth) as (
  select hash, parent_hash, 0 from script where workspace = :workspace and hash = :hash
  union all
  select s.hash, s.parent_hash, up.depth + 1 from script s join up on s.hash = up.parent_hash
  where s.workspace = :workspace and up.depth < 100)
select hash from up where depth > 0 order by depth

-- Who imports whom, for the engine. A flow, whose steps import, is `flow:` and its path.

-- name: forget
delete from script_import where workspace = :workspace and importer = :importer

-- name: note
insert into script_import(workspace, importer, imported) values (:workspace, :importer, :imported)

-- name: importers
-- The newest versions of all that lead to a script, with whom their authors are; those whose first lock is
-- being found read it anyway.
with recursive up(path) as (
  select importer from script_import where workspace = :workspace and imported = :path
  union
  select i.importer from up join script_import i on i.workspace = :workspace and i.imported = up.path)
select s.hash, s.path, s.language, s.tag, s.created_by, m.email
from up
join script s on s.workspace = :workspace and s.path = up.path and s.head = 1
left join member m on m.workspace = s.workspace and m.username = s.created_by
where s.archived = 0 and s.deleted = 0 and s.lock is not null and s.path <> :path
order by s.path
limit :most

-- name: flow_importers
-- The newest versions of the flows with a step that leads to a script, likewise.
with recursive up(path) as (
  select importer from script_import where workspace = :workspace and imported = :path
  union
  select i.importer from up join script_import i on i.workspace = :workspace and i.imported = up.path)
select cast(f.id as text) as hash, f.path, f.tag, f.created_by, m.email
from up
join flow_version f on f.workspace = :workspace and f.path = substr(up.path, 6) and f.head = 1
left join member m on m.workspace = f.workspace and m.username = f.created_by
where f.archived = 0 and f.deleted = 0 and substr(up.path, 1, 5) = 'flow:'
order by f.path
limit :most

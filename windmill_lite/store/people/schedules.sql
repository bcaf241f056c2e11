-- Schedules as a person sees them: one's own paths and every folder's; all of them for admins.

-- name: by_path
select * from schedule
where workspace = :workspace and path = :path
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)

-- name: list
select * from schedule
where workspace = :workspace
  and (:sees_all = 1 or substr(path, 1, 2) = 'f/' or substr(path, 1, length(:home)) = :home)
  and path = :path --? path
  and substr(path, 1, length(:path_prefix)) = :path_prefix --? path_prefix
  and script_path = :script_path --? script_path
  and is_flow = :is_flow --? is_flow
  and replace(lower(summary), lower(:summary), '') <> lower(summary) --? summary
  and replace(lower(description), lower(:description), '') <> lower(description) --? description
  and replace(lower(path || ' ' || script_path || ' ' || summary || ' ' || description), lower(:anywhere), '') --? anywhere
    <> lower(path || ' ' || script_path || ' ' || summary || ' ' || description) --? anywhere
order by edited_at desc, path
limit :limit offset :offset

-- name: ticks
select * from tick
where workspace = :workspace and path = :path
order by at desc
limit :limit offset :offset

-- name: last_runs
-- The ends of the newest jobs of some schedules; who may see the schedules was asked before.
select path, id, outcome, duration_ms from (
  select t.path, t.at, d.id, d.outcome, d.duration_ms,
    row_number() over (partition by t.path order by t.at desc) as place
  from tick t join job_done d on d.id = t.job_id
  where t.workspace = :workspace and t.path in :paths) as ended
where place <= :most
order by path, at desc

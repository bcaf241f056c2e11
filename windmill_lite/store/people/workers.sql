-- Workers are of the instance; whoever is in a workspace may see which there are.

-- name: list
select id, name, host, tags, slots, version, sandbox, started_at, last_seen_at, jobs_done, memory_kb,
  languages, lease_us
from worker
order by last_seen_at desc, name
limit :limit offset :offset

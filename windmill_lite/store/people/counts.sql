-- How many jobs there are of a kind: for a workspace, or for the instance as a super admin sees it.

-- name: count_completed
select count(*) as jobs from job_done where workspace = :workspace and root in (0, 1)

-- name: count_ended
-- Completed since a moment, by tag. `created` bounds what is looked at: along the index in the order of age.
select d.tag, count(*) as jobs
from workspace w join job_done d on d.workspace = w.id
where d.root in (0, 1) and d.created_at > :created_after and d.completed_at > :since
  and w.id = :workspace --? workspace
  and d.outcome = 'success' --? good
  and d.outcome <> 'success' --? bad
  and d.tag in :tagged --? tagged
group by d.tag
order by d.tag

-- name: count_ready
select tag, count(*) as jobs from job_queue where state = 'queued' group by tag order by tag

-- name: count_running
select tag, count(*) as jobs from job_queue where state = 'running' group by tag order by tag

-- name: count_keys
select concurrency_key as key, sum(case when state = 'running' then 1 else 0 end) as running
from job_queue where concurrency_key is not null
group by concurrency_key order by concurrency_key
limit :most

-- Drafts: a person reads all of their own, and of what lies in a folder or their home also those of others.

-- name: own
select d.*, :username as username, 1 as mine from draft d
where d.workspace = :workspace and d.kind = :kind and d.path = :path and d.email = :email

-- name: another
select d.*, m.username, case when d.email = :email then 1 else 0 end as mine from draft d
join member m on m.workspace = d.workspace and m.email = d.email
where d.workspace = :workspace and d.kind = :kind and d.path = :path and m.username = :whose
  and (:sees_all = 1 or substr(d.path, 1, 2) = 'f/' or substr(d.path, 1, length(:home)) = :home)

-- name: own_paths
select path from draft where workspace = :workspace and email = :email and kind = :kind

-- name: list
select d.kind, d.path, '' as value, d.summary, d.new_path, d.saved_at, m.username,
  case when d.email = :email then 1 else 0 end as mine,
  case when d.kind = 'flow'
    then (select count(*) from flow_version f where f.workspace = d.workspace and f.path = d.path and f.head = 1
      and f.deleted = 0)
    else (select count(*) from script s where s.workspace = d.workspace and s.path = d.path and s.head = 1
      and s.deleted = 0)
  end as deployed
from draft d
left join member m on m.workspace = d.workspace and m.email = d.email
where d.workspace = :workspace
  and d.email = :email --? mine_only
  and (d.email = :email or :sees_all = 1 or substr(d.path, 1, 2) = 'f/' or substr(d.path, 1, length(:home)) = :home)
order by d.saved_at desc, d.kind, d.path
limit :limit

-- Drafts, for the engine.

-- name: draft
select saved_at from draft where workspace = :workspace and kind = :kind and path = :path and email = :email

-- name: put
insert into draft(workspace, kind, path, email, value, summary, new_path, saved_at)
values (:workspace, :kind, :path, :email, :value, :summary, :new_path, :saved_at)
on conflict (workspace, kind, path, email) do update
set value = excluded.value, summary = excluded.summary, new_path = excluded.new_path, saved_at = excluded.saved_at

-- name: delete
delete from draft where workspace = :workspace and kind = :kind and path = :path and email = :email

-- name: move
update draft set path = :to_path
where workspace = :workspace and kind = :kind and path = :path and email = :email

-- name: count
select count(*) as drafts from draft where workspace = :workspace and email = :email

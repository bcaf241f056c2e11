-- Accounts, memberships, tokens, workspaces: for the engine, which knows who may ask.

-- name: account
select email, name, password_hash, super_admin, disabled, created_at from account where email = :email

-- name: accounts
select email, name, super_admin, disabled, created_at from account
order by email limit :limit offset :offset

-- name: any_account
select 1 as one from account limit 1

-- name: insert_account
insert into account(email, name, password_hash, super_admin, created_at)
values (:email, :name, :password_hash, :super_admin, :now)
on conflict (email) do nothing

-- name: set_password
update account set password_hash = :password_hash where email = :email

-- name: insert_workspace
insert into workspace(id, name, owner, created_at) values (:id, :name, :owner, :now)
on conflict (id) do nothing

-- name: workspace
select id, name, owner, color from workspace where id = :id and deleted = 0

-- name: workspace_exists
select 1 as one from workspace where id = :id

-- name: workspaces
select id, name, owner, color from workspace where deleted = 0 order by id limit :limit offset :offset

-- name: insert_member
insert into member(workspace, username, email, is_admin, operator, created_at)
values (:workspace, :username, :email, :is_admin, :operator, :now)

-- name: member_by_email
select username, email, is_admin, operator, disabled, created_at from member
where workspace = :workspace and email = :email

-- name: member_by_username
select username, email, is_admin, operator, disabled, created_at from member
where workspace = :workspace and username = :username

-- name: members
select m.username, m.email, m.is_admin, m.operator, m.disabled, m.created_at, a.super_admin
from member m join account a on a.email = m.email
where m.workspace = :workspace
order by m.username

-- name: memberships
select w.id, w.name, w.owner, w.color, m.username, m.is_admin, m.operator, m.disabled
from member m join workspace w on w.id = m.workspace
where m.email = :email and w.deleted = 0
order by w.id

-- name: groups
select name, summary, extra_perms from workspace_group where workspace = :workspace
order by name limit :limit offset :offset

-- name: group
select name, summary, extra_perms from workspace_group where workspace = :workspace and name = :name

-- name: group_members
select name, username from group_member where workspace = :workspace and name in :names
order by name, username

-- name: groups_of
select username, name from group_member where workspace = :workspace
and username = :username --? username
order by username, name

-- name: count_groups
select count(*) as groups from workspace_group where workspace = :workspace

-- name: insert_group
insert into workspace_group(workspace, name, summary, extra_perms, changed_at)
values (:workspace, :name, :summary, :extra_perms, :now)
on conflict (workspace, name) do nothing

-- name: hold_group
-- Whoever changes a group writes here first: changes of one group wait for each other.
update workspace_group set changed_at = :now where workspace = :workspace and name = :name

-- name: edit_group
update workspace_group set summary = :summary, extra_perms = :extra_perms
where workspace = :workspace and name = :name

-- name: insert_group_member
insert into group_member(workspace, name, username) values (:workspace, :name, :username)
on conflict (workspace, name, username) do nothing

-- name: delete_group_members
delete from group_member where workspace = :workspace and name = :name
and username = :username --? username

-- name: delete_group
delete from workspace_group where workspace = :workspace and name = :name

-- name: insert_token
insert into token(
  hash, prefix, email, kind, label, workspace, scopes, read_only, created_at, expires_at, last_used_at)
values (
  :hash, :prefix, :email, :kind, :label, :workspace, :scopes, :read_only, :now, :expires_at, :now)

-- name: token
-- With a workspace also as whom its holder is there: every request asks for both.
select t.prefix, t.email, t.kind, t.workspace, t.scopes, t.read_only, t.expires_at, t.last_used_at,
  m.username, m.is_admin, m.operator, m.disabled as shut_out, m.created_at as joined_at, --? workspace
  a.name, a.super_admin, a.disabled
from token t join account a on a.email = t.email
left join member m on m.workspace = :workspace and m.email = t.email --? workspace
where t.hash = :hash

-- name: touch_token
update token set last_used_at = :now where hash = :hash

-- name: tokens
select prefix, label, kind, workspace, scopes, read_only, created_at, expires_at, last_used_at from token
where email = :email
  and kind <> 'session' --? no_sessions
order by created_at desc limit :limit offset :offset

-- name: count_tokens
select count(*) as tokens from token where email = :email

-- name: delete_token
delete from token where hash = :hash

-- name: delete_token_by_prefix
delete from token where email = :email and prefix = :prefix

-- name: delete_sessions
-- After a change of password every other browser has to log in again.
delete from token where email = :email and kind = 'session' and hash <> :but

-- name: delete_expired_tokens
delete from token where expires_at is not null and expires_at < :now

-- name: any_stale
-- Whether there is anything of which the time is over.
select 1 as one
where (select expires_at from token where expires_at is not null order by expires_at limit 1) < :now
  or (select min(since) from login_failure) < :window

-- name: login_failures
select key, failures, since from login_failure where key in :keys

-- name: count_failure
insert into login_failure(key, failures, since) values (:key, 1, :now)
on conflict (key) do update set
  failures = case when login_failure.since < :window then 1 else login_failure.failures + 1 end,
  since = case when login_failure.since < :window then excluded.since else login_failure.since end

-- name: forget_failures
delete from login_failure where key in :keys

-- name: forget_old_failures
delete from login_failure where since < :window

-- name: setting
select value from setting where name = :name

-- name: insert_setting
-- One that is there stays as it is, and is held.
insert into setting(name, value, changed_at) values (:name, :value, :now)
on conflict (name) do update set changed_at = setting.changed_at

-- name: put_setting
insert into setting(name, value, changed_at) values (:name, :value, :now)
on conflict (name) do update set value = excluded.value, changed_at = excluded.changed_at

-- name: delete_setting
delete from setting where name = :name

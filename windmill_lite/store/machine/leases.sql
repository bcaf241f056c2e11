-- Leases by name: one row each, which stays.

-- name: now [sqlite]
select cast(:now as integer) as now
-- name: now [postgres]
-- Differs because there are many nodes and their clocks differ: the database's is everybody's.
select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint) as now where cast(:now as bigint) is not null

-- name: lease
select holder, term, since, expires_at from lease where name = :name

-- name: take
-- No row unless it is free: expired, one's own, or promised for longer than anybody ever promises, by a
-- clock that was set back since.
insert into lease(name, holder, term, since, expires_at) values (:name, :holder, 1, :now, :expires_at)
on conflict (name) do update set
  holder = excluded.holder, term = lease.term + 1, since = excluded.since, expires_at = excluded.expires_at
where lease.expires_at <= :now or lease.expires_at > :absurd or lease.holder = excluded.holder
returning term

-- name: renew
update lease set expires_at = :expires_at where name = :name and holder = :holder and term = :term

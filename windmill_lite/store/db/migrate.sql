-- The ledger of the schema: which migrations were applied, and from which text.

-- name: make_ledger
create table if not exists schema_migration(
  name text primary key not null,
  checksum text not null,
  applied_at bigint not null
)

-- name: applied
select name, checksum from schema_migration order by name

-- name: record
insert into schema_migration(name, checksum, applied_at) values (:name, :checksum, :applied_at)

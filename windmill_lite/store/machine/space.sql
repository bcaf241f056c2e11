-- How much room the database takes.

-- name: space [sqlite]
select (p.page_count - f.freelist_count) * s.page_size as used_bytes
from pragma_page_count() p, pragma_freelist_count() f, pragma_page_size() s

-- name: space [postgres]
-- Differs because Postgres keeps the room of deleted rows for later ones and does not say how much that is.
-- Estimated from its statistics: rows times their width, chunks of large values, indexes in proportion;
-- where there are none yet (`least` passes over null), all that is held.
with tables as (
  select
    cast(pg_relation_size(c.oid) as double precision) as held,
    cast(coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0) as double precision) as held_apart,
    cast(pg_indexes_size(c.oid) as double precision) as indexes,
    coalesce(nullif(s.n_live_tup, 0), nullif(greatest(c.reltuples, 0), 0)) as live,
    (select sum(w.avg_width * (1 - w.null_frac)) from pg_stats w
     where w.schemaname = s.schemaname and w.tablename = s.relname) as width,
    coalesce(nullif(t.n_live_tup, 0), nullif(greatest(a.reltuples, 0), 0)) as chunks
  from pg_class c
  join pg_stat_user_tables s on s.relid = c.oid
  left join pg_class a on a.oid = c.reltoastrelid
  left join pg_stat_all_tables t on t.relid = c.reltoastrelid
  where c.relnamespace = cast(current_schema() as regnamespace)),
filled as (
  select held, indexes, least(held, live * (width + 32)) as rows, least(held_apart, chunks * 2036) as apart
  from tables)
select cast(coalesce(sum(rows + apart + indexes * rows / greatest(held, 1)), 0) as bigint) as used_bytes from filled

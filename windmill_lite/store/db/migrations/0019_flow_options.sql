-- What runs of flows hold and leave behind while their jobs are not being run.

-- A flow that has begun and has a concurrency key: it holds a place of the key until it ends, although nobody
-- runs it. Its row in the queue does not name the key from then on.
create table key_holder(
  flow uuid primary key not null,
  key text not null
);
create index key_holder_key on key_holder(key);

-- Steps whose arguments, log and result go some time after the outermost flow has ended.
create table flow_cleanup(
  job uuid primary key not null,
  root uuid not null,
  after_s integer not null
);
create index flow_cleanup_root on flow_cleanup(root);

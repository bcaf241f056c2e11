-- How long each worker may be silent: what it was started with, and what its jobs are ended by. Workers of
-- an older release do not say; they have the default.

alter table worker add column lease_us bigint not null default 60000000;

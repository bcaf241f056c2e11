-- What a job cost.

alter table job_done add column cpu_ms bigint;           -- processor time of its cell; null: it had none

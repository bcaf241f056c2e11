-- Flows that run hold no worker: lists of what runs find them by these.

create index queue_suspended on job_queue(workspace, created_at, id) where state = 'suspended';
create index flow_due on flow_run(id) where due_at is not null;

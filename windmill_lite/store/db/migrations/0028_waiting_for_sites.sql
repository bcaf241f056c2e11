-- Jobs that wait for a site, whatever their state: of all that wait they are few, and found by their tag.

create index queue_site on job_queue(tag) where tag >= '@' and tag < 'A';

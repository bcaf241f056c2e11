-- Which languages a worker runs, in which version, and why not: as its page shows them.

alter table worker add column languages text not null default '[]';

-- Where a worker keeps its files: steps that share a folder run where it is, whichever worker is there.
alter table worker add column site text not null default '';

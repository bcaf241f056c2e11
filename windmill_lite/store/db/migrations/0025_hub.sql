-- Scripts of a hub, kept as they were fetched: a number stands for the same text for ever.

create table hub_script(
  hub text not null,                       -- its address
  number bigint not null,
  content text not null,
  language text not null,
  lock text,
  schema text,                             -- JSON
  summary text not null,
  fetched_at bigint not null,
  primary key (hub, number)
);

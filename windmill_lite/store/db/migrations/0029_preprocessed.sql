-- Whether the arguments are what a preprocessor made of an event, and no longer the event.
alter table job add column preprocessed smallint check (preprocessed in (0, 1));

-- What a script's version asks of the cells of its runs.

alter table job add column cell text;                    -- JSON; null: nothing but a cell of its own

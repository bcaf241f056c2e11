"""SQL scripts: `lexer` tells code from comments, `declared` reads the comments that name
parameters, `types` has what their types are, `main` what the script takes.

    -- $1 name (text) = 'world'     postgresql, sqlite; the number is the place
    -- :name (text) = world         mysql, sqlite; or `-- ? name (text)` for each `?` in turn
    -- $name (text) = world         duckdb, sqlite
    -- %%table%% users/orders       any; a choice that is written into the statement
    -- database f/data/main         any with a connection; the resource that is used

SQL itself is not parsed: the database says what is wrong with a statement.
"""

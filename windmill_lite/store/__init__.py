"""Floor 3: the database. `db` is the port; `machine` and `people` are the two doors through it."""

"""What the queue costs, and how far that is from what the bare drivers need for the same.

`python -m tests.bench.queue` prints the whole table for both databases, `--quick` a short one,
which is also a part of `make bench`. Every commit is on the disk before it counts.

The floor is measured, not remembered: what the product does with one job is written down at the
port (`recorded.py`) and done again by sqlite3 and asyncpg alone, for other jobs, in transactions of
the same size on as many connections (`floor.py`). What the product adds to that is Python. Below a
whole job is what it takes to enter as one of `work.CALLERS` and to end beside as many others as
there are slots: commits are shared there as they are above.
"""

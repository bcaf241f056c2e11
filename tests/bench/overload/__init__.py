"""Callers who do not wait for each other, as fast as they can, for a while.

`python -m tests.bench.overload --clients 16 --seconds 60` is the long form; the suite has one of
seconds. Nobody may hear anything but yes, "too many" or "not now", and what was promised is done.
"""

"""Floor 4: the verbs that change the world, one per file: load, decide, store, in one transaction.

Only the engine opens write transactions. A verb's body may run twice (see `store/db/port.py`), so
it does nothing but read and write through its transaction.
"""

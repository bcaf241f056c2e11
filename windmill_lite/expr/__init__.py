"""JavaScript expressions of flows, evaluated in children that can do nothing else.

`evaluators.Evaluators.evaluate` answers a value or a `Failed`; it raises only when the machinery
fails, which is never the expression's fault. What an expression sees comes through `names.Names`.
Plain paths such as `results.a.b[0]` do not need the engine (`paths.py`), and mean the same.

The child imports this package: nothing is imported here.
"""

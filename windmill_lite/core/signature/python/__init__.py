"""Python scripts: `source` makes the tree, `scope` the names, `reader` the types, `main` the rest.

Invariant: nothing here imports, opens or runs what a script names.
"""

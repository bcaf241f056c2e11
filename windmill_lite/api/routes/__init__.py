"""The table of operations: one file per noun, each with `routes()`.

A handler reads the request, asks the engine or the people's door, and replies. It decides nothing.
"""

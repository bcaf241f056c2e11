"""Bash scripts: `lines` finds where statements begin, `main` the parameters among them.

Bash has no parser that agrees with bash on every text, so nothing here refuses a script for its
syntax; bash itself does, when it runs.
"""

"""SQL scripts: `plan` makes statements with bound values of a text and its arguments, `languages`
the cells that run them, in a warm child, see wrappers/run_sql.py.
"""

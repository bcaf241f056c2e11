"""The entry module of the tests' cells: the request is Python code, and is executed."""

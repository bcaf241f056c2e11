"""What we ask of Linux: calls by ctypes, limits, the process table. Knows nothing of cells."""

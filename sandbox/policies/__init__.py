"""The profiles: which system calls a cell may not make."""

"""Runs that are there already: again, earlier, or not any more."""

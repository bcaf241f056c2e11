"""Floor 0: errors, clock, ids, settings, services. Imports nothing of ours."""

"""Questions about many jobs at once, and running them again."""

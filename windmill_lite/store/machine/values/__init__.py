"""What workspaces keep for their scripts, for the engine."""

"""What workspaces keep for their scripts: variables, resources, and the keys of their secrets."""

"""What workspaces keep for their scripts: variables, resources and their types."""

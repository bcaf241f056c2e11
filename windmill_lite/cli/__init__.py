"""Floor 6: the commands. The only place besides `boot` that knows every room."""

"""What surrounds the user's main() inside the cell; nothing here is imported by the server."""

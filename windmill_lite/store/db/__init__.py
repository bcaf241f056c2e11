"""The port and its two backends."""

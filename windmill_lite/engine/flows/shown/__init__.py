"""Whole runs of flows, as people look through them."""

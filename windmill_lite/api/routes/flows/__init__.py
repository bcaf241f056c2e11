"""Flows: what is deployed, and their runs."""

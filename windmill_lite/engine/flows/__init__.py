"""Flows: load, decide everything that follows from one event, store it in one transaction."""

"""Decisions about jobs: their lifecycle, their order, which are lost."""

"""What scripts depend on: locks of versions, the jobs that find them, and who imports whom."""

from __future__ import annotations

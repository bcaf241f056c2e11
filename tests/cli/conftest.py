"""What every test of the command line may use."""

from __future__ import annotations

from tests.cli._command import command

__all__ = ["command"]

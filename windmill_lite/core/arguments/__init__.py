"""Do these arguments fit this schema? Asked before a job exists, answered with the field's name."""

from __future__ import annotations

from windmill_lite.core.arguments.check import check, schema_problems
from windmill_lite.core.arguments.languages import taken
from windmill_lite.core.arguments.walk import Problem

__all__ = ["Problem", "check", "schema_problems", "taken"]

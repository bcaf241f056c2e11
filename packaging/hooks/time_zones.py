"""Makes the package `tzdata` importable from its zip, where the machine has no zone files."""

from __future__ import annotations

import sys

sys.path.append(f"{sys._MEIPASS}/tzdata.zip")  # type: ignore[attr-defined]  # noqa: SLF001

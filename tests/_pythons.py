"""Another Python of this machine than the one that runs the tests, for scripts that ask for it."""

from __future__ import annotations

import os
import platform

import pytest

from windmill_lite.runtimes.pythons import newest_first, others

OTHERS = [
    one
    for one in newest_first(others(os.environ["PATH"], os.environ.get("HOME", "")))
    if one.version != platform.python_version()
]
another = pytest.mark.skipif(not OTHERS, reason="there is no other Python here")


def asking(code: str, *, apart: bool = False) -> str:
    """The newest; for jobs that are users `apart` from ours, the newest that they can enter."""
    found = [one for one in OTHERS if one.opens(apart=apart)]
    if not found:
        pytest.skip("there is no other Python here that other users can enter")
    return f"#py: =={found[0].version}\n{code}"

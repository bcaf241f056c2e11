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


def asking(code: str) -> str:
    return f"#py: =={OTHERS[0].version}\n{code}"

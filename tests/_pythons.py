"""Another Python of this machine than the one that runs the tests, for scripts that ask for it."""

from __future__ import annotations

import os
import platform

import pytest

from windmill_lite.runtimes.pythons import others

OTHERS = [one for one in others(os.environ["PATH"]) if one.version != platform.python_version()]
another = pytest.mark.skipif(not OTHERS, reason="no other Python lies below /usr here")


def asking(code: str) -> str:
    return f"#py: =={OTHERS[0].version}\n{code}"

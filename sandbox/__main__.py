"""Started by path with `python -I -S`, which leaves our own package to be found by us."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

from sandbox.forkserver import main  # found only after the line above

sys.path.pop()
main(int(sys.argv[1]), sys.argv[2])

"""The children that we start by calling ourselves again: `windmill-lite reenter <name> ...`.

In a checkout this file itself is the program (`base/frozen.py: launcher`), run by an
interpreter that sees neither our packages nor, for some children, any installed one; so nothing
of ours is imported at the top. A child imports its own room and no other: what it does not
import it does not pay for, and cannot leak to the code it runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

#: What the fork server's modules take of Python's own memory, and of what blocks it is made.
_WARM_BYTES = 9 << 20
_BLOCK_BYTES = 512
_BLOCKS_OF_AN_ARENA = 2048


def reenter(argv: Sequence[str]) -> int:
    """Be the child named by `argv[0]`, with the rest as its arguments; its exit code."""
    name = argv[0] if argv else ""
    child = _CHILDREN.get(name)
    if child is None:
        print(f"no child is called {name!r}; there are {', '.join(_CHILDREN)}", file=sys.stderr)
        return 2
    return child(argv[1:])


def _forkserver(argv: Sequence[str]) -> int:
    """The warm parent of jobs: `<control socket's descriptor> <configuration as JSON>`."""
    _together = _lay_together()  # as long as this runs
    from sandbox import forkserver

    return forkserver.main(int(argv[0]), argv[1]) or 0


def _lay_together() -> list[bytes]:
    """Take Python's arenas (1 MiB each) side by side, before libraries are loaded between them, so
    that they can become huge pages (sandbox/kernel/pages.py). The answer keeps the empty ones.
    """
    head = sys.getsizeof(b"")
    blocks = [bytes(_BLOCK_BYTES - head) for _ in range(_WARM_BYTES // _BLOCK_BYTES)]
    return blocks[:: _BLOCKS_OF_AN_ARENA // 2]


def _expressions(argv: Sequence[str]) -> int:
    """Evaluates expressions: `<control socket's descriptor> <configuration as JSON>`."""
    from windmill_lite.expr import child

    child.main(int(argv[0]), argv[1])


_CHILDREN: Mapping[str, Callable[[Sequence[str]], int]] = {
    "expressions": _expressions,
    "forkserver": _forkserver,
}


def _as_program() -> int:
    """Started as a file: make our packages importable, after everything else that is."""
    root = __file__.removesuffix("/windmill_lite/cli/reenter.py")
    sys.path.append(root)
    return reenter(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(_as_program())

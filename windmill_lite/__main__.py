"""Where every process of ours begins: the command line, a child of our own, or the executable
acting as Python.

Children are told apart before anything is imported that they do not need: a warm runner must be
up in milliseconds.
"""

from __future__ import annotations

import os
import sys

from windmill_lite.base import frozen


def main() -> None:
    """Run what the arguments ask for and exit with its code."""
    frozen.settle()
    if frozen.is_frozen() and os.path.basename(sys.argv[0]).startswith("python"):  # noqa: PTH119
        from windmill_lite.cli.as_python import as_python

        sys.exit(as_python(os.path.abspath(sys.argv[0]), sys.argv[1:]))  # noqa: PTH100
    if sys.argv[1:2] == ["reenter"]:
        from windmill_lite.cli.reenter import reenter

        sys.exit(reenter(sys.argv[2:]))
    from windmill_lite.cli.main import cli

    cli()


if __name__ == "__main__":
    main()

"""What a script needs beside its own text: packages of a registry, and scripts of its workspace.

Read from the text alone; nothing is imported, fetched or run. `python` and `typescript` read the
imports, `names` knows which package an import comes from, `lock` reads what was resolved.
"""

from __future__ import annotations

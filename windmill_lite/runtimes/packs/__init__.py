"""Runtime packs: toolchains beside the program, fetched from the public registries, or carried in
the executable and taken out when they are first needed.

A pack is pinned: this release of windmill-lite knows the version it was tested with and the hash of
every file it would run, so that it does not matter which mirror the file came from, or which hand.
"""

from __future__ import annotations

from windmill_lite.runtimes.packs.catalogue import PACKS, Pack
from windmill_lite.runtimes.packs.place import Installed, Packs, fetch_archive

__all__ = ["PACKS", "Installed", "Pack", "Packs", "fetch_archive"]

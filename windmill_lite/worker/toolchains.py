"""Toolchains that a job needs and this machine may not have yet: fetched once, for all who wait.

Whoever waits reads in the log of the job what happens. A job that is canceled stops waiting; the
installation goes on for the others.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from functools import partial

from windmill_lite.base.config import environment
from windmill_lite.base.errors import Refusal
from windmill_lite.model.worker import Language
from windmill_lite.runtimes import Packs, Runtime
from windmill_lite.worker.together import Say, Together

log = logging.getLogger(__name__)


class Toolchains:
    """The packs of one worker.

    `may_install` False: nothing is fetched, and what the executable does not carry either is told
    with its remedy.
    """

    def __init__(self, packs: Packs, *, may_install: bool) -> None:
        self._packs = packs
        self._may_install = may_install
        self._installations = Together[str]()
        self.apart = False  # jobs are other users here, and must be able to enter
        self.changed: Callable[[], None] = lambda: None  # called when a pack has come
        self._seen: set[str] = set()

    async def ready(self, pack: str, say: Say) -> str:
        """Returns when the pack can be used: "", or in words why it cannot."""
        if not pack:
            return ""
        if self._packs.find(pack) is None:
            remedy = self._packs.remedy(pack)
            if not self._may_install and not self._packs.carries(pack):
                return f"{pack} is not installed: {remedy}"
            problem = await self._installations.do(pack, partial(self._install, pack), say)
            if problem:
                return f"{problem}; to try it by hand: {remedy}"
        if pack not in self._seen:
            self._seen.add(pack)
            self.changed()
        return self._closed_door() if self.apart else ""

    def language(self, runtime: Runtime) -> Language:
        """How the worker describes a language."""
        probe = runtime.probe()
        if probe.available or not runtime.pack:
            return Language(probe.language, probe.available, probe.version, probe.why)
        if self._packs.carries(runtime.pack):
            note = f"the first job unpacks {runtime.pack}"
        elif self._may_install:
            size = self._packs.pack(runtime.pack).megabytes
            note = f"the first job installs {runtime.pack} ({size} MB)"
        else:
            return Language(probe.language, probe.available, probe.version, probe.why)
        return Language(probe.language, runs=True, note=note)

    async def _install(self, pack: str, say: Say) -> str:
        loop = asyncio.get_running_loop()

        def tell(line: str) -> None:
            log.info("runtime %s: %s", pack, line)
            loop.call_soon_threadsafe(say, f"{line}\n".encode())

        try:
            await asyncio.to_thread(self._packs.install, pack, environment(), tell)
        except Refusal as refusal:
            log.warning("runtime %s cannot be installed: %s", pack, refusal)
            return f"the runtime {pack} cannot be installed: {refusal}"
        else:
            return ""

    def _closed_door(self) -> str:
        """Why the users that jobs are do not get to the packs, if they do not."""
        for place in (self._packs.root, *self._packs.root.parents):
            if not place.stat().st_mode & 0o001:
                user = f"jobs run as users of their own, and not as user {os.geteuid()}, here"
                return f"{place} cannot be entered by jobs ({user}): chmod o+x {place}"
        return ""

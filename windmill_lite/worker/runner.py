"""What runs code for a slot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from windmill_lite.model.job import Claim, Finished


class Runner(Protocol):
    """Runs code somewhere safe. `run` ends soon after `cancel` and then says CANCELED; it raises
    `Interrupted` when the attempt is lost through no fault of the script. After `trust_until` jobs
    live no longer than to that moment (of `Clock.monotonic_s`) unless a later one is told before.
    """

    async def run(
        self, claim: Claim, env: dict[str, str], on_output: Callable[[bytes], None]
    ) -> Finished: ...

    def cancel(self, job_id: UUID) -> None: ...

    def trust_until(self, at_s: float) -> None: ...


class Interrupted(Exception):  # noqa: N818  it says what happened to the cell, not to the script
    """A cell ended for a reason of ours before its script did: the attempt is lost."""

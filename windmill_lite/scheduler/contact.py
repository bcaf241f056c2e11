"""When this process last could not judge by silence.

After an outage of the database every worker looks silent, though each lives and will say so soon;
the same is true when the database's clock jumps ahead. Whoever judges by silence has to know that
there was such a thing, even when it was somebody else in this process who saw it.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

from windmill_lite.engine.rescue import moment
from windmill_lite.engine.world import World

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """At two clocks at once, in seconds: our monotonic one, and the one that all share."""

    ours_s: float
    theirs_s: float
    took_s: float  # between asking and hearing theirs

    def differs_from(self, last: Look) -> float:
        """By how much they went apart, beyond what the asking may explain."""
        step_s = (self.theirs_s - last.theirs_s) - (self.ours_s - last.ours_s)
        return abs(step_s) - self.took_s - last.took_s


@dataclass(slots=True)
class Contact:
    """Shared by the leader, who always asks something, and the chores, who do not."""

    lost_at_s: float = -math.inf  # of the monotonic clock
    _last: Look | None = None

    def begin(self, world: World) -> None:
        """Nobody knows what was before this process: it judges after having watched for a lease."""
        self.lost_at_s, self._last = world.clock.monotonic_s(), None

    async def look(self, world: World) -> int:
        """The present, µs of the clock that all share. A jump of it since the last look counts as a
        loss of contact.
        """
        ours_s = world.clock.monotonic_s()
        at = await moment(world)
        look = Look(ours_s, at / 1_000_000, world.clock.monotonic_s() - ours_s)
        last, self._last = self._last, look
        if last is not None and look.differs_from(last) > world.lease_s / 4:
            log.warning("the clock of the database has jumped: nobody is taken for silent")
            self.lost_at_s = ours_s
        return at

    def quiet_s(self, world: World) -> float:
        """How long nobody may be taken for silent yet; 0 or less: not at all."""
        return self.lost_at_s + world.lease_s - world.clock.monotonic_s()

"""When this process last could not reach the database.

After an outage every worker looks silent, though each lives and will say so soon. Whoever judges by
silence has to know that there was one, even when it was somebody else in this process who saw it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(slots=True)
class Contact:
    """Shared by the leader, who always asks something, and the chores, who do not."""

    lost_at_s: float = -math.inf  # of the monotonic clock

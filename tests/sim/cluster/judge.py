"""Who watches a run: the first thing that is not as it must be ends it. And its story, in words."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.sim.cluster.loop import SimLoop

#: Errors that are the truth, and no fault of the product.
EXPECTED = ("%d jobs could not be handed back",)


@dataclass(slots=True)
class Judge:
    """Faults go to the loop, which stops; `story` is what happened before, when `telling`."""

    loop: SimLoop
    telling: bool = False
    story: list[str] = field(default_factory=list)

    def tell(self, who: str, what: str) -> None:
        if self.telling:
            self.story.append(f"{self.loop.time():9.3f}  {who:<12} {what}")

    def fault(self, sentence: str) -> None:
        self.tell("FAULT", sentence)
        self.loop.failures.append(f"at {self.loop.time():.3f} s: {sentence}")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hears what the product logs: an error nobody expects is a fault."""
        ear = _Ear(self)
        product = logging.getLogger("windmill_lite")
        level, product.propagate = product.level, False
        product.setLevel(logging.INFO if self.telling else logging.WARNING)
        product.addHandler(ear)
        try:
            yield
        finally:
            product.removeHandler(ear)
            product.setLevel(level)
            product.propagate = True


class _Ear(logging.Handler):
    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self._judge = judge

    def emit(self, record: logging.LogRecord) -> None:
        broken = record.exc_info is not None and record.exc_info[1] is not None
        if self._judge.telling:
            self._judge.tell("log", record.getMessage())
        if broken or (record.levelno >= logging.ERROR and not str(record.msg).startswith(EXPECTED)):
            error = repr(record.exc_info[1]) if record.exc_info else ""
            self._judge.fault(f"the product logged: {record.getMessage()} {error}")

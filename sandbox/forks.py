"""Functions that modules want called around a fork, and which of them a cell can do without.

Importing `threading` or `logging` registers some with `os.register_at_fork`: they make the locks of
threads that are gone usable in the child. The fork server has one thread and holds no lock when it
forks, so for its own children they change nothing, and cost a third of a millisecond of each. They
are taken out of the interpreter's lists once, and put back in every cell: its own forks need them.
So is that of `random`, whose effect every cell needs: it is had here by one call.
"""

from __future__ import annotations

import _random
import gc
import os
import random
from collections.abc import Callable
from typing import Any, Final

#: The modules whose functions mend what only other threads can have broken.
_MENDERS: Final = ("threading", "logging", "concurrent.futures.thread", "random")
_WHEN: Final = ("before", "after_in_child", "after_in_parent")

#: A list of the interpreter, and what was taken out of it, in its order.
Hooks = tuple[list[Callable[[], Any]], tuple[Callable[[], Any], ...]]
#: What `random` does after a fork, without the question what to begin with.
_SEED: Final = _random.Random.seed.__get__(random._inst)  # noqa: SLF001


def take_menders() -> tuple[Hooks, ...]:
    """Unregister them; what cannot be found stays registered, and is called at every fork."""
    marks: dict[str, Callable[[], None]] = {when: _mark() for when in _WHEN}
    os.register_at_fork(**marks)
    lists = [each for each in gc.get_referrers(*marks.values()) if type(each) is list]
    taken: list[Hooks] = []
    for mark in marks.values():
        for hooks in lists:
            if mark in hooks:
                taken.append((hooks, tuple(hook for hook in hooks if _mends(hook))))
                hooks[:] = [hook for hook in hooks if hook is not mark and not _mends(hook)]
    random.seed()  # forgets what `_SEED` does not: half of a pair that was drawn
    return tuple((hooks, own) for hooks, own in taken if own)


def give_back(taken: tuple[Hooks, ...]) -> None:
    """Register them again, for the forks of this process, whose own random numbers begin."""
    for hooks, own in taken:
        hooks.extend(own)
    _SEED()


def _mark() -> Callable[[], None]:
    """A function of its own each time, by which a list is known."""

    def mark() -> None:
        """Taken out before anything is forked."""

    return mark


def _mends(hook: object) -> bool:
    owner = getattr(hook, "__self__", hook)  # some are methods of a lock, which knows no module
    return getattr(hook, "__module__", None) in _MENDERS or type(owner).__module__ == "_thread"

"""Who may approve what a flow waits for, and whether it waits for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from windmill_lite.base.errors import Denied, Unauthenticated
from windmill_lite.core.flow.status import Entry, Phase, Status
from windmill_lite.model.identity import EVERYBODY, Identity


class Moment(Enum):
    """Where a flow is, seen from the step that asks people."""

    EARLY = "early"  # it runs, or has just ended: what is said counts
    WAITS = "waits"
    PASSED = "passed"  # the flow has gone on
    OVER = "over"  # the flow has ended


def moment(status: Status, index: int, attempt: int) -> Moment:
    """Of a try of the step at `index`."""
    if status.phase is Phase.DONE:
        return Moment.OVER
    tried = status.steps[index].attempt if index < len(status.steps) else 0
    if status.at > index + 1 or status.phase is Phase.HANDLING or attempt != tried:
        return Moment.PASSED
    if status.at <= index:
        return Moment.EARLY
    if status.phase is Phase.GATED:
        return Moment.WAITS
    return Moment.EARLY if status.entry is Entry.GATE else Moment.PASSED


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may speak. `groups` None: that is found out when the flow begins to wait."""

    login: bool
    others: bool  # not who started the flow
    groups: tuple[str, ...] | None

    @property
    def need_login(self) -> bool:
        return self.login or self.others or self.groups is None or bool(self.groups)


ANYBODY = Rules(login=False, others=False, groups=())


def require(rules: Rules, who: Identity | None, *, starter: str, groups: Collection[str]) -> None:
    """`starter` is the email of whom the flow runs for, `groups` are those that `who` is in. An
    admin may always speak.

    Fails: `Unauthenticated`, `Denied`.
    """
    if not rules.need_login:
        return
    if who is None:
        raise Unauthenticated("log in to approve this: it is asked who you are")
    if who.read_only or who.scopes is not None:
        raise Denied("a token that is limited cannot approve")
    if who.is_admin:
        return
    if rules.others and who.email == starter:
        raise Denied("who started a flow cannot approve this step of it")
    if rules.groups and not {EVERYBODY, *groups}.intersection(rules.groups):
        asked = ", ".join(rules.groups)
        which = f"not in group {asked}" if len(rules.groups) == 1 else f"in none of: {asked}"
        raise Denied(f"{who.username} is {which}, whose members approve this")

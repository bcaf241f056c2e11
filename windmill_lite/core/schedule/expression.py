"""The grammar of cron expressions, and what to say of text that is none.

Six fields, `second minute hour day month weekday`, or five without the second, which is 0 then. A
field is a comma list of `*`, `n`, `a-b`, each with an optional step `/n`; months and weekdays also
have their English names of three letters; Sunday is 0 or 7. `?` is `*`. A day may be `L`, the last
of the month, or `15W`, the working day nearest to the 15th; a weekday `5#2`, the second Friday, or
`5L`, the last. When day and weekday are both narrower than `*`, either of them is enough, as in
Unix. Nothing random (`H`, `R`) and no nicknames (`@daily`): what one reads is what happens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from windmill_lite.base.errors import Invalid
from windmill_lite.model.limits import CRON_CHARS_MAX

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name for people, its values, their names counted from `least`."""

    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()

    def has(self, word: str) -> bool:
        """Whether `word` is one of its values, as a number or by name."""
        if word.isascii() and word.isdigit():
            return len(word) <= 2 and self.least <= int(word) <= self.most
        return word in self.names


SECOND = Field("second", 0, 59)
FIELDS = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day", 1, 31),
    Field("month", 1, 12, MONTHS),
    Field("weekday", 0, 7, WEEKDAYS),
)

_STEPPED = re.compile(r"(\*|\w+(?:-\w+)?)(?:/([0-9]{1,2}))?\Z", re.ASCII)
_NEAREST = re.compile(r"([0-9]{1,2})w\Z")
_NTH = re.compile(r"(\w+)#([1-5])\Z", re.ASCII)
_LAST = re.compile(r"(\w+?)#?l\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Expression:
    """A well-formed expression. `text` is as it was given; `fields` are lower case, without `?`."""

    text: str
    fields: tuple[str, ...]  # five or six, the second first

    @property
    def hour(self) -> str:
        return self.fields[-4]

    @property
    def elapsed(self) -> bool:
        """Whether it repeats by the hour (`*` or a step in the hour field) instead of naming hours
        of the day: what a change of the clocks means for it is told in `cron.py`.
        """
        return "*" in self.hour or "/" in self.hour

    @property
    def same_in_v1(self) -> bool:
        """Whether it meant the same to Windmill's first parser, which counted weekdays from Sunday
        = 1 and wanted both the day and the weekday to match.
        """
        day, _, weekday = self.fields[-3:]
        return weekday == "*" or (day == "*" and not any(c.isdigit() for c in weekday))


def parse(text: str) -> Expression:
    """Fails: `Invalid`, naming the expression, the field and its word that is wrong."""
    if len(text) > CRON_CHARS_MAX:
        raise Invalid(f"schedule is longer than {CRON_CHARS_MAX} characters", field="schedule")
    words = tuple(text.lower().replace("?", "*").split())
    if len(words) not in (5, 6):
        raise not_cron(text, f"{len(words)} fields, not 6 or 5")
    fields = (SECOND, *FIELDS)[-len(words) :]
    for field, word in zip(fields, words, strict=True):
        for part in word.split(","):
            if not _good(field, part):
                raise not_cron(text, f"{field.name} {part or word}")
    return Expression(text, tuple(map(_spelled, words)))


def not_cron(text: str, why: str) -> Invalid:
    return Invalid(f"{text!r} is not a cron expression ({why})", field="schedule")


def _good(field: Field, part: str) -> bool:
    if field.name == "day":
        nearest = _NEAREST.match(part)
        if part == "l" or (nearest is not None and field.has(nearest[1])):
            return True
    if field.name == "weekday":
        nth = _NTH.match(part) or _LAST.match(part)
        if nth is not None and field.has(nth[1]):
            return True
    stepped = _STEPPED.match(part)
    if stepped is None or (stepped[2] is not None and not 0 < int(stepped[2]) <= field.most):
        return False
    return stepped[1] == "*" or all(map(field.has, stepped[1].split("-")))


def _spelled(word: str) -> str:
    """The last Friday is `5L`, `friL` or `5#L` to people and `l5` to croniter."""
    return ",".join(
        f"l{_number(last[1])}" if (last := _LAST.match(w)) else w for w in word.split(",")
    )


def _number(weekday: str) -> int:
    return WEEKDAYS.index(weekday) if weekday in WEEKDAYS else int(weekday) % 7

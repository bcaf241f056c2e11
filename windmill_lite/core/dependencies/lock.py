"""The lock of a Python script: each package in its exact version, with the hashes of its files.

It is a requirements file, as uv writes and Windmill stores it: `name==version`, then `--hash=` for
each file that may be installed, on lines of their own after a `\\`. A first line may say `# py:`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from windmill_lite.base.errors import Invalid
from windmill_lite.core.dependencies.wanted import REQUIREMENTS_MAX, normalized

_PIN: Final = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[\w ,.-]*\])?[ ]*==[ ]*[\w.!+-]+"
    r"[ ]*(?:;[\w \"'.<>=!~()+*-]+?)?(?P<hashes>(?:[ ]+--hash=sha(?:256|384|512):[0-9a-f]+)*)"
)
_LINE_CHARS_MAX: Final = 50_000  # a package of a hundred files takes 9,000
_CONTINUED: Final = re.compile(r"\\\r?\n")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package: its normalized name, and the line that installs it."""

    name: str
    line: str


def pins(lock: str) -> list[Pin]:
    """Sorted by name, so that equal locks are equal, whoever wrote them.

    Fails: `Invalid` for a lock that names anything but packages of a registry. Whoever deploys a
    script may write its lock, and an option, a path or an address in it would be obeyed.
    """
    found: dict[str, Pin] = {}
    for row in _CONTINUED.sub(" ", lock).splitlines():
        text = row.strip()
        if not text or text.startswith("#"):
            continue
        text = re.sub(r"\s+", " ", text.partition(" #")[0].strip())
        pin = _PIN.fullmatch(text) if len(text) <= _LINE_CHARS_MAX else None
        if pin is None:
            raise Invalid(
                f"the lock has {text[:100]!r}, which is no package==version", field="lock"
            )
        name = normalized(pin["name"])
        found[name] = Pin(name, text)
    if len(found) > REQUIREMENTS_MAX:
        raise Invalid(f"the lock has more than {REQUIREMENTS_MAX} packages", field="lock")
    return [found[name] for name in sorted(found)]

"""What a script says in words: text that every database can hold, and where it belongs."""

from __future__ import annotations

from dataclasses import dataclass, field

from windmill_lite.core.signature.bounds import CONSTANT_CHARS_MAX, DESCRIPTION_CHARS_MAX


@dataclass(frozen=True, slots=True)
class Documentation:
    """What a function says about itself and about each of its parameters, by name."""

    summary: str = ""
    description: str = ""
    parameters: dict[str, str] = field(default_factory=dict)


def plain_text(text: str) -> str:
    """One line of text that every database can hold, at most DESCRIPTION_CHARS_MAX long."""
    return stored_text(" ".join(text.split()))


def stored_text(text: str) -> str:
    """The text, cut, without null characters and halves of surrogate pairs."""
    text = text[:DESCRIPTION_CHARS_MAX].replace("\0", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def storable(text: str) -> bool:
    """Whether a constant can be kept as it is by every database and every JSON reader."""
    if len(text) > CONSTANT_CHARS_MAX or "\0" in text:
        return False
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)

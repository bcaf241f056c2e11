"""The text of a script before anybody reads it: is it text, how long is it, where in it is a place.

Lines and columns count characters from 1, as editors do.
"""

from __future__ import annotations

import re

from windmill_lite.core.signature.model import SourceError

_SURROGATE = re.compile("[\ud800-\udfff]")


def readable(code: str, *, chars_max: int) -> str:
    """The text without its byte order mark.

    Fails: SourceError when it is longer than `chars_max`, or holds what no language and no database
    takes: a null character, half a surrogate pair.
    """
    text = code.removeprefix("\ufeff")
    if len(text) > chars_max:
        raise SourceError(
            f"the script has {len(text):,} characters; at most {chars_max:,} are read: "
            "give it a schema to deploy it as it is"
        )
    null = text.find("\0")
    if null >= 0:
        raise error_at(text, null, "a script cannot contain null bytes")
    if not text.isascii() and (half := _SURROGATE.search(text)):
        raise error_at(text, half.start(), "half a character (a lone surrogate)")
    return text


def error_at(text: str, at: int, reason: str) -> SourceError:
    """The error at the character `at` of the text, counted from 0."""
    line = text.count("\n", 0, at) + 1
    return SourceError(reason, line=line, column=at - text.rfind("\n", 0, at))

"""What a version asks of the cells of its runs, as it is written to each, and what it gets."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from windmill_lite.base.codec import Json, canonical, loads
from windmill_lite.model.script import DEDICATED_LANGUAGES, CellRules, Network

_NOTHING: Final = CellRules()


def written(rules: CellRules) -> str | None:
    """JSON; None when nothing is asked."""
    asked: dict[str, Json] = {"dedicated": True} if rules.dedicated else {}
    for name, on in (("prepares", rules.prepares), ("event", rules.event)):
        if on:
            asked[name] = True
    if rules.network:
        word = isinstance(rules.network, str)
        asked["network"] = rules.network if word else list(rules.network)
    return canonical(asked) if asked else None


def read(text: str | None) -> CellRules:
    """What `written` wrote."""
    if not text:
        return _NOTHING
    asked = loads(text)
    network = asked.get("network", "")
    return CellRules(
        dedicated="dedicated" in asked,
        network=network if isinstance(network, str) else tuple(network),
        prepares="prepares" in asked,
        event="event" in asked,
    )


def kept(text: str | None, language: str | None) -> str | None:
    """What `written` wrote, for a step whose flow asks for processes that are kept: languages that
    have none run as ever, and so does the preprocessor of a script, since its process begins at
    `main`.
    """
    rules = read(text)
    if language not in DEDICATED_LANGUAGES or rules.prepares:
        return text
    return written(replace(rules, dedicated=True))


def narrowed(asked: Network, given: Network) -> Network | None:
    """What a run gets on a worker that gives `given`: a version may ask for less; None when it asks
    for more.
    """
    if not asked or asked == given:
        return given or "host"
    if given in ("", "host") or asked == "none":
        return asked
    if isinstance(asked, tuple) and isinstance(given, tuple) and set(asked) <= set(given):
        return asked
    return None

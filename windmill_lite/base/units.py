"""Amounts as people write them."""

from __future__ import annotations

import re

from windmill_lite.base.errors import Invalid

_SCALE = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "t": 1000**4}
_SCALE |= {"ki": 1024, "mi": 1024**2, "gi": 1024**3, "ti": 1024**4}
_AMOUNT = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*([kmgt]i?)?b?", re.IGNORECASE)


def parse_bytes(text: str, *, field: str, least: int) -> int:
    """`20GB`, `1.5 GiB`, `750m`: decimal units, and binary ones with an i. A bare number is bytes.

    Fails: `Invalid`, naming the setting and what it accepts.
    """
    match = _AMOUNT.fullmatch(text.strip())
    value = int(float(match[1]) * _SCALE[(match[2] or "").lower()]) if match else -1
    if not least <= value < 2**63:
        raise Invalid(
            f"{field} {text!r} is not an amount like 20GB, of at least {shown_bytes(least)}",
            field=field,
        )
    return value


def shown_bytes(count: int) -> str:
    """`1.5 GB`"""
    value, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:
        value /= 1000
        units.pop(0)
    return f"{value:.1f} {units[0]}".replace(".0 ", " ")


def parse_count(text: str | None, *, field: str, default: int, most: int, least: int = 1) -> int:
    if not text:
        return default
    if not is_number(text) or not least <= int(text) <= most:
        raise Invalid(f"{field} {text!r} is not a number from {least} to {most}", field=field)
    return int(text)


def is_number(text: str) -> bool:
    """Up to nine digits as everybody writes them: `isdigit` takes a superscript two as well."""
    return re.fullmatch(r"[0-9]{1,9}", text) is not None


def parse_seconds(text: str, *, field: str, most: float, least: float = 0.0) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not least <= value <= most:
        raise Invalid(
            f"{field} {text!r} is not a number of seconds from {least:.0f} to {most:.0f}",
            field=field,
        )
    return value

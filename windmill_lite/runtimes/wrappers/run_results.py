"""From what main() returned to JSON text.

Beyond what JSON has: dates, times, Decimal, UUID, paths and addresses become strings, bytes become
base64, sets, tuples and iterators lists, dataclasses, enums, pydantic models, data frames and
arrays what they hold. NaN, the infinities, NaT and NA, for which JSON has no word, become null. A
lone surrogate, which no UTF-8 can carry, becomes U+FFFD; NUL stays. What else has a text of its
own, an ObjectId, a Fraction, an exception, becomes that; what only says that it is an `<object at
0x...>` is refused, with its type and its place in the result.
"""

from __future__ import annotations

import base64
import collections
import dataclasses
import datetime as dt
import decimal
import enum
import ipaddress
import json
import math
import pathlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

_AS_TEXT: Final = (
    *(decimal.Decimal, uuid.UUID, pathlib.PurePath, dt.timedelta),
    *(ipaddress.IPv4Address, ipaddress.IPv6Address, ipaddress.IPv4Network, ipaddress.IPv6Network),
)
_AS_ISO: Final = (dt.date, dt.time)  # a datetime is a date
_AS_BASE64: Final = (bytes, bytearray, memoryview)
_AS_LIST: Final[tuple[type[Any], ...]] = (
    *(list, tuple, range, collections.deque, Iterator),
    *(type({}.keys()), type({}.values()), type({}.items())),
)


class NotJsonError(TypeError):
    """The result, or a part of it, has no JSON form."""


class _ForeignError(Exception):
    """No rule for this value; its place is found on the slow path."""


def encode(value: object) -> bytes:
    """JSON in UTF-8; NotJsonError names what cannot be written and where it is."""
    try:
        text = "".join(_WITH_MORE({}, *_AS_ABOVE)(value, 0))
    except (_ForeignError, TypeError, ValueError, RecursionError):
        # Something rare: walk it in Python, which knows where it is.
        try:
            text = _PLAIN.encode(_plain(value, "$", set()))
        except RecursionError:
            raise NotJsonError("the result is nested too deeply for JSON") from None
        except ValueError as error:  # an integer with more digits than Python prints
            raise NotJsonError(f"the result cannot be written as JSON: {error}") from None
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Halves of a pair that stand side by side are joined, others replaced.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _ordered(values: set[Any] | frozenset[Any]) -> list[Any]:
    """A set has no order of its own; where there is a natural one, results are repeatable."""
    try:
        return sorted(values)
    except TypeError:
        return list(values)


def _is_nat(value: object) -> bool:
    """The time of pandas that is none differs from itself."""
    return bool(value != value)  # noqa: PLR0124


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


#: Kinds of values and one step towards JSON; the first that fits is taken.
_STEPS: Final[tuple[tuple[Any, Callable[[Any], object]], ...]] = (
    (enum.Enum, lambda value: value.value),
    (_AS_ISO, lambda value: None if _is_nat(value) else value.isoformat()),
    (_AS_TEXT, str),
    (_AS_BASE64, _base64),
    ((set, frozenset), _ordered),
    (_AS_LIST, list),
    (Mapping, dict),
    (BaseException, str),
)


def _simpler(value: object) -> object:
    """One step towards JSON, or _ForeignError."""
    for kinds, step in _STEPS:
        if isinstance(value, kinds):
            return step(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return _by_shape(value)


def _by_shape(value: Any) -> object:
    """Values of packages we do not import, known by what they can do."""
    if not isinstance(value, type):
        if callable(getattr(value, "model_dump", None)):  # pydantic
            return value.model_dump()
        for rows in ("to_dicts", "to_pylist"):  # a data frame or a column of polars, of pyarrow
            if callable(getattr(value, rows, None)):
                return getattr(value, rows)()
        if callable(getattr(value, "to_dict", None)) and hasattr(value, "columns"):  # of pandas
            return value.to_dict(orient="records")
        for items in ("tolist", "to_list"):  # arrays, columns, numbers of numpy; columns of polars
            if callable(getattr(value, items, None)):
                return getattr(value, items)()
        if hasattr(value, "__attrs_attrs__"):
            return {each.name: getattr(value, each.name) for each in value.__attrs_attrs__}
        if isinstance(value, Sequence):
            return list(value)
    return _own_text(value)


def _own_text(value: object) -> str | None:
    """As it writes itself, when that is more than what it is; None for the NA of pandas."""
    try:
        text = str(value)
    except Exception:  # noqa: BLE001 - the script's own __str__
        raise _ForeignError from None
    if text == "<NA>":
        return None
    if text.startswith("<"):
        raise _ForeignError
    return text


def _plain(value: Any, place: str, above: set[int]) -> object:
    """The value with nothing but JSON's own kinds in it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str | int) and not isinstance(value, enum.Enum):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if id(value) in above:
        raise NotJsonError(f"the result refers to itself at {place}")
    above.add(id(value))
    try:
        if isinstance(value, dict):
            return {_key(k, place): _plain(v, _under(place, k), above) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [_plain(v, f"{place}[{i}]", above) for i, v in enumerate(value)]
        try:
            simpler = _simpler(value)
        except _ForeignError:
            what = f"{_type_name(value)} at {place} of the result"
            raise NotJsonError(f"{what} cannot be written as JSON") from None
        return _plain(simpler, place, above)
    finally:
        above.discard(id(value))


def _key(key: Any, place: str) -> str:
    if isinstance(key, enum.Enum):
        key = key.value
    if isinstance(key, str):
        return str(key)
    if key is None or isinstance(key, bool | int | float):
        return json.dumps(key)
    if isinstance(key, _AS_ISO):
        return key.isoformat()
    if isinstance(key, _AS_TEXT):
        return str(key)
    what = f"a key of type {_type_name(key)} at {place} of the result"
    raise NotJsonError(f"{what} cannot be written as JSON")


def _type_name(value: object) -> str:
    kind = type(value)
    plain = kind.__module__ in ("builtins", "script")
    return kind.__qualname__ if plain else f"{kind.__module__}.{kind.__qualname__}"


def _under(place: str, key: object) -> str:
    if isinstance(key, str) and key.isidentifier():
        return f"{place}.{key}"
    return f"{place}[{json.dumps(str(key))}]"


_PLAIN: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
#: What is foreign, text, indent, separators; not sorted, nothing left out, no NaN.
_AS_ABOVE: Final = (_simpler, json.encoder.encode_basestring, None, ":", ",", *[False] * 3)
#: Called as a `JSONEncoder` does, without its detours: they are eight pages that a cell copies.
_WITH_MORE: Final = json.encoder.c_make_encoder  # type: ignore[attr-defined]

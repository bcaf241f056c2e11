"""One JSON codec: strict output, limits on input, errors that name the place."""

from __future__ import annotations

import json
import math
from typing import Any

from windmill_lite.base.errors import Invalid

Json = Any  # a JSON value; `Any` is allowed at this border only

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def dumps(value: Json) -> str:
    """Compact JSON. Lone surrogates are escaped, so that the text always encodes to UTF-8.

    Fails: `ValueError` for NaN and infinities, `TypeError` for what is not JSON.
    """
    text = _encoder.encode(value)
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text


def canonical(value: Json) -> str:
    """One text for equal values, whatever the order of their members. Fails: as `dumps`."""
    return _canonical.encode(value)


def loads(text: str | bytes, *, what: str = "body") -> Json:
    """A value from JSON text of a stranger.

    Fails: `Invalid`, naming `what`, line and column; also for NaN, which is not JSON, for numbers
    no machine can hold (`1e999`), and for nesting beyond what the parser can.
    """
    try:
        if not isinstance(text, str):
            text = text.decode(json.detect_encoding(text), "surrogatepass")
        return _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise Invalid(
            f"{what} is not valid JSON: {error.msg} at line {error.lineno} column {error.colno}"
        ) from None
    except UnicodeDecodeError as error:
        raise Invalid(f"{what} is not valid UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise Invalid(f"{what} is nested too deeply") from None
    except ValueError as error:
        raise Invalid(f"{what} is not valid JSON: {error}") from None


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is not a JSON value")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:40]} is too large a number")
    return value


_decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)

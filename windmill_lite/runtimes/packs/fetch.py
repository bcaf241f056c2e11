"""Reading addresses: pages, and large files into a place.

Blocking, for a thread. Proxies are those of the environment (HTTPS_PROXY, NO_PROXY).
"""

from __future__ import annotations

import hashlib
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

from windmill_lite import __version__
from windmill_lite.base.errors import TooLarge, Unavailable
from windmill_lite.base.trust import trust

T = TypeVar("T")

_TIMEOUT_S: Final = 60.0
_TRIES: Final = 3
_PAUSE_S: Final = 0.5
_PAUSE_MAX_S: Final = 30.0  # of what a busy registry asks for
_PIECE_BYTES: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Page:
    """`url` is where it was found in the end."""

    url: str
    text: str


def read(url: str, *, bytes_max: int, accept: str = "*/*", token: str | None = None) -> Page:
    """A text. Fails: `Unavailable` with the address and why, `TooLarge`."""

    def once() -> Page:
        with _opened(url, accept, token) as response:
            data = response.read(bytes_max + 1)
            if len(data) > bytes_max:
                raise TooLarge(f"{_shown(url)} is larger than {bytes_max} bytes")
            return Page(response.geturl(), data.decode(errors="replace"))

    return _tried(url, once)


def download(url: str, target: Path, *, bytes_max: int, token: str | None = None) -> None:
    """Write the file, whole. Fails as `read` does."""

    def once() -> None:
        size = 0
        with _opened(url, "*/*", token) as response, target.open("wb") as file:
            while piece := response.read(_PIECE_BYTES):
                size += len(piece)
                if size > bytes_max:
                    raise TooLarge(f"{_shown(url)} is larger than {bytes_max} bytes")
                file.write(piece)
            told = response.headers.get("Content-Length")
            if told is not None and int(told) != size:
                raise HTTPException(f"it ended after {size} of {told} bytes")

    _tried(url, once)


def hash_of(file: Path, algorithm: str) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, algorithm).hexdigest()


def _tried(url: str, once: Callable[[], T]) -> T:
    """A few times where the network is to blame; an answer that says no is an answer."""
    for number in range(1, _TRIES + 1):
        pause_s = _PAUSE_S * number
        try:
            return once()
        except urllib.error.HTTPError as error:
            error.close()
            busy = error.code >= 500 or error.code == HTTPStatus.TOO_MANY_REQUESTS
            if number == _TRIES or not busy:
                raise Unavailable(f"{_shown(url)} answers {error.code} {error.reason}") from None
            asked = error.headers.get("Retry-After", "")
            pause_s = min(float(asked), _PAUSE_MAX_S) if asked.isdecimal() else pause_s
        except (OSError, HTTPException, ValueError) as error:
            if number == _TRIES or isinstance(error, ValueError):
                reason = getattr(error, "reason", None) or error
                raise Unavailable(f"{_shown(url)} cannot be read: {reason}") from None
        time.sleep(pause_s)
    raise AssertionError("the last try returns or raises")


@contextmanager
def _opened(url: str, accept: str, token: str | None) -> Iterator[Any]:
    parts = urlsplit(url)
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    headers = {"Accept": accept, "User-Agent": f"windmill-lite/{__version__}"}
    request = urllib.request.Request(bare, headers=headers)  # noqa: S310 - what the owner has set
    if token:
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    elif parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        basic = b64encode(pair.encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {basic}")
    handler = urllib.request.HTTPSHandler(context=trust())
    opener = urllib.request.build_opener(handler)
    with opener.open(request, timeout=_TIMEOUT_S) as response:
        yield response


def _shown(url: str) -> str:
    """An address without the password in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

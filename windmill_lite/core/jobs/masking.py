"""Secrets in what a job says: each place where one stands becomes `****`.

Looked for are a secret itself, its longer lines, and both as JSON, Python, URLs and base64 write
them, the latter at each of the three places it can begin. What is shorter than a few characters is
not looked for: a secret `1` would wreck every log. A job that wants to tell its secret finds
another way; this is for the ones that print their arguments.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote

from windmill_lite.base.codec import Json, canonical, dumps
from windmill_lite.model.limits import MASKED_CHARS_MAX, MASKED_CHARS_MIN, MASKED_LINE_CHARS_MIN

MASK = "****"


class Masker:
    """Passes output on, in pieces of any size. What may be the beginning of a secret waits for the
    next piece; nothing else does.
    """

    def __init__(self, secrets: Iterable[str], to: Callable[[bytes], None]) -> None:
        self._patterns = _patterns(secrets)
        self._found = re.compile(b"|".join(map(re.escape, self._patterns)))
        self._longest = max(map(len, self._patterns), default=0)
        self._to = to
        self._held = b""

    def feed(self, piece: bytes) -> None:
        if not self._patterns:
            self._to(piece)
            return
        data = self._found.sub(MASK.encode(), self._held + piece)
        cut = len(data) - self._begun(data)
        data, self._held = data[:cut], data[cut:]
        if data:
            self._to(data)

    def end(self) -> None:
        """What was held back is no secret."""
        if self._held:
            self._to(self._held)
            self._held = b""

    def hidden(self, value: Json) -> Json:
        """The same JSON with the secrets in its texts masked."""
        if not self._patterns:
            return value
        if isinstance(value, str):
            raw = value.encode("utf-8", "surrogatepass")
            return self._found.sub(MASK.encode(), raw).decode("utf-8", "surrogatepass")
        if isinstance(value, list):
            return [self.hidden(each) for each in value]
        if isinstance(value, dict):
            return {self.hidden(name): self.hidden(each) for name, each in value.items()}
        return value

    def _begun(self, data: bytes) -> int:
        """How many bytes at the end may go on to be a secret."""
        start = max(0, len(data) - self._longest + 1)
        longest = 0
        for pattern in self._patterns:
            at = data.find(pattern[:1], max(start, len(data) - len(pattern) + 1))
            while at >= 0 and not pattern.startswith(data[at:]):
                at = data.find(pattern[:1], at + 1)
            if at >= 0:
                longest = max(longest, len(data) - at)
        return longest


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets, as jobs that fail tell it."""
    return str(Masker(secrets, lambda _: None).hidden(text))


def _patterns(secrets: Iterable[str]) -> list[bytes]:
    """The longest first, so that a secret within another does not hide its rest."""
    found = {
        written
        for secret in secrets
        for part in _parts(secret)
        for written in _written(part)
        if len(written) >= MASKED_CHARS_MIN
    }
    return sorted(found, key=lambda each: (-len(each), each))


def _parts(secret: str) -> Iterator[str]:
    if MASKED_CHARS_MIN <= len(secret) <= MASKED_CHARS_MAX:
        yield secret
    lines = secret.splitlines()
    if len(lines) > 1:
        yield from (
            line for line in lines if MASKED_LINE_CHARS_MIN <= len(line) <= MASKED_CHARS_MAX
        )


def _written(text: str) -> Iterator[bytes]:
    raw = text.encode("utf-8", "surrogatepass")
    yield raw
    yield dumps(text)[1:-1].encode()
    yield canonical(text)[1:-1].encode()
    yield repr(text)[1:-1].encode("utf-8", "surrogatepass")  # what Python shows of a list
    yield repr(raw)[2:-1].encode()
    yield quote(raw).encode()
    yield quote(raw, safe="").encode()
    for shift in range(3):
        # Only the characters that depend on the secret alone.
        first, rest = -(-shift * 8 // 6), (shift + len(raw)) * 8 // 6
        coded = base64.b64encode(bytes(shift) + raw)
        yield coded[first:rest]
        yield coded[first:rest].translate(bytes.maketrans(b"+/", b"-_"))

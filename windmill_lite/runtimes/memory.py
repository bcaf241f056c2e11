"""What was read of a text, for the next time the same text comes."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Memory(Generic[T]):
    """The answers of the last `size` texts; the texts themselves, which may be long, are not kept.

    An answer that fails is not remembered. Any thread may ask.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: OrderedDict[bytes, T] = OrderedDict()
        self._lock = Lock()

    def of(self, text: str, read: Callable[[], T]) -> T:
        """What `read` answers, or has answered for the same text."""
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        found = read()
        with self._lock:
            self._known[key] = found
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return found

"""Text that only one key opens, and only in the place it was sealed for.

A sealed text is base64 of these bytes, always a multiple of 16 (Windmill's clients know by that
that a text is one):

  1 byte    version, 0x01
  7 bytes   number of the key, big-endian
  24 bytes  nonce, random
  n bytes   the text in UTF-8, a byte 0x80, zeros up to a multiple of 16; encrypted
  16 bytes  tag

XChaCha20-Poly1305, whose nonce is long enough to be drawn at random for ever. The first eight bytes
and the name of the place are authenticated with the text, so what is moved to another place, or cut
from another text, does not open. The library is imported with the first text: it takes 8 ms.
Source: draft-irtf-cfrg-xchacha-03, ISO/IEC 7816-4 (padding).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass, field

KEY_BYTES = 32
_VERSION = b"\x01"
_HEAD_BYTES = 8
_NONCE_BYTES = 24
_BLOCK = 16
_LEAST = _HEAD_BYTES + _NONCE_BYTES + 2 * _BLOCK  # of a sealed empty text


class Closed(Exception):  # noqa: N818  it says what the text still is
    """The text was not sealed with this key for this place, or it was changed since."""


@dataclass(frozen=True, slots=True)
class Key:
    """What seals. `number` tells the keys of one place apart and stands in what they seal."""

    secret: bytes = field(repr=False)  # KEY_BYTES of them
    number: int = 1

    def fingerprint(self) -> str:
        """16 hex digits that name the key and say nothing about it."""
        return hashlib.sha256(b"windmill-lite key\0" + self.secret).hexdigest()[:16]


def new_key(number: int = 1) -> Key:
    return Key(os.urandom(KEY_BYTES), number)


def seal(key: Key, text: str, *, place: str) -> str:
    """Twice the same text is sealed into two different ones.

    Fails: `UnicodeEncodeError` for half a character.
    """
    from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt  # noqa: PLC0415

    head = _VERSION + key.number.to_bytes(_HEAD_BYTES - 1, "big")
    nonce = os.urandom(_NONCE_BYTES)
    padded = text.encode() + b"\x80"
    padded += bytes(-len(padded) % _BLOCK)
    body = encrypt(padded, _bound(head, place), nonce, key.secret)
    return base64.b64encode(head + nonce + body).decode()


def unseal(key: Key, sealed: str, *, place: str) -> str:
    """Fails: `Closed`."""
    from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt  # noqa: PLC0415
    from nacl.exceptions import CryptoError  # noqa: PLC0415

    raw = _raw(sealed)
    head, nonce = raw[:_HEAD_BYTES], raw[_HEAD_BYTES : _HEAD_BYTES + _NONCE_BYTES]
    body = raw[_HEAD_BYTES + _NONCE_BYTES :]
    try:
        padded = decrypt(body, _bound(head, place), nonce, key.secret)
    except CryptoError:
        raise Closed from None
    return padded.rstrip(b"\0")[:-1].decode()


def number_of(sealed: str) -> int:
    """Which key sealed it, if it was sealed at all. Fails: `Closed` for what never was."""
    return int.from_bytes(_raw(sealed)[1:_HEAD_BYTES], "big")


def _raw(sealed: str) -> bytes:
    try:
        raw = base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError):
        raise Closed from None
    if len(raw) < _LEAST or len(raw) % _BLOCK or raw[:1] != _VERSION:
        raise Closed
    return raw


def _bound(head: bytes, place: str) -> bytes:
    return head + place.encode()

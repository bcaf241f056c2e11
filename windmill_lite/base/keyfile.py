"""The secret key of an instance: 32 bytes, written as 64 hex digits or in base64, in a file."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from windmill_lite.base.errors import Invalid, Unavailable
from windmill_lite.base.sealed import KEY_BYTES, Key, new_key

_FILE_BYTES_MAX = 1024


def given_key(text: str | None, file: str | None) -> Key | None:
    """The key that was given, be it by its text or by its file."""
    if text and file:
        raise Invalid(
            "the secret key is given twice, by WINDMILL_LITE_SECRET_KEY and by a file",
            field="secret_key",
        )
    if text:
        return parse_key(text, where="WINDMILL_LITE_SECRET_KEY")
    if not file:
        return None
    key = read_key(Path(file).expanduser())
    if key is None:
        raise Invalid(f"there is no secret key file {file}", field="secret_key_file")
    return key


def parse_key(text: str, *, where: str) -> Key:
    """Fails: `Invalid`, naming where the text is and never the text."""
    text = text.strip()
    try:
        secret = bytes.fromhex(text) if len(text) == 2 * KEY_BYTES else _from_base64(text)
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise Invalid(
            f"{where} is no secret key: {KEY_BYTES} random bytes as {2 * KEY_BYTES} hex digits or "
            "in base64, such as `openssl rand -hex 32` prints",
            field="secret_key",
        )
    return Key(secret)


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def read_key(file: Path) -> Key | None:
    """None where there is no file. Fails: `Invalid`; `Unavailable` when it cannot be read."""
    try:
        with file.open("rb") as opened:
            raw = opened.read(_FILE_BYTES_MAX)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unavailable(f"the secret key {file} cannot be read: {error.strerror}") from None
    return parse_key(raw.decode("ascii", "replace"), where=f"what {file} holds")


def make_key(file: Path) -> Key:
    """A new key, on disk before it is used; the one that is there when somebody was faster.

    It appears whole or not at all: a crash on the way leaves no half of a key.
    """
    key = new_key()
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as opened:
            opened.write(f"{key.secret.hex()}\n")
            opened.flush()
            os.fsync(opened.fileno())
        try:
            os.link(fresh, file)
        except FileExistsError:
            return read_key(file) or key
        finally:
            fresh.unlink()
        _settle(file.parent)
    except OSError as error:
        raise Unavailable(f"the secret key {file} cannot be made: {error.strerror}") from None
    return key


def _settle(folder: Path) -> None:
    """Makes the name of a new file as durable as what it holds."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Landlock: rules a process lays upon itself and its children, without any privilege.

Level "landlock" names the paths a cell may read and the one it may write. Level "namespaces" needs
no paths, and uses Landlock only to close abstract unix sockets and signals to the outside.
"""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Sequence
from typing import Final

from sandbox.kernel import syscalls as sc

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_READ: Final = _EXECUTE | _READ_FILE | _READ_DIR
_REMOVE_FILE, _MAKE_FILE = 1 << 5, 1 << 8
_UNLISTED: Final = _WRITE_FILE | _READ_FILE | _REMOVE_FILE | _MAKE_FILE | _REFER | _TRUNCATE
_FILE_RIGHTS: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2
_PATH_BENEATH: Final = 1
_ATTRIBUTES: Final = struct.Struct("<QQQ")
_SCOPES: Final = _ATTRIBUTES.pack(0, 0, _ABSTRACT_SOCKETS | _SIGNALS)


def restrict(
    abi: int,
    *,
    readable: Sequence[str] = (),
    writable: Sequence[str] = (),
    unlisted: Sequence[str] = (),
) -> None:
    """From now on this process reads and writes only beneath these paths; missing ones are skipped.

    In `unlisted` directories files can be made and opened by name, but not found. Without any path
    the file system is left as it is, and only abstract sockets and signals are closed.
    """
    rights = _rights(abi) if readable or writable else 0
    scope = _ABSTRACT_SOCKETS | _SIGNALS if abi >= 6 else 0
    if not rights and not scope:
        return
    attributes = _ATTRIBUTES.pack(rights, 0, scope) if rights else _SCOPES
    ruleset = sc.landlock_create(attributes if abi >= 6 else attributes[: 16 if abi >= 4 else 8])
    try:
        for path in readable:
            _allow(ruleset, path, _READ & rights)
        for path in writable:
            _allow(ruleset, path, rights)
        for path in unlisted:
            _allow(ruleset, path, _UNLISTED & rights)
        sc.landlock_restrict(ruleset)
    finally:
        os.close(ruleset)


def _rights(abi: int) -> int:
    """Every file right this kernel knows: what it knows and we do not grant is denied."""
    rights = (1 << 13) - 1
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        if abi >= since:
            rights |= right
    return rights


def _allow(ruleset: int, path: str, rights: int) -> None:
    with contextlib.suppress(FileNotFoundError, PermissionError):
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not os.path.isdir(path):  # noqa: PTH112 - on the path of every job
                rights &= _FILE_RIGHTS
            sc.landlock_add(ruleset, _PATH_BENEATH, struct.pack("<Qi", rights, fd))
        finally:
            os.close(fd)

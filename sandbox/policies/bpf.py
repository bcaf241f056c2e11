"""The words of a seccomp program: classic BPF over one system call."""

from __future__ import annotations

import errno
import struct
from collections.abc import Sequence
from typing import Final

from sandbox.kernel.syscalls import MACHINE

# Load a word, jump if equal / greater or equal / any bit set, return.
LOAD, JEQ, JGT, JGE, JSET, RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
AT_FIRST, AT_SECOND, AT_THIRD = 16, 24, 32  # the low words of the arguments
_AT_NUMBER, _AT_ARCH = 0, 4
_AUDIT_ARCH: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT: Final = 0x40000000
_KILL: Final = 0x80000000
_ERRNO: Final = 0x00050000

_GROUP: Final = 8  # about the root of how many are refused

#: Code, how far to jump if true, if false, and a constant.
Instruction = tuple[int, int, int, int]
ALLOW: Final[Instruction] = (RETURN, 0, 0, 0x7FFF0000)


def answer(number: int) -> Instruction:
    """The call is not made and fails with this errno."""
    return (RETURN, 0, 0, _ERRNO | number)


REFUSE: Final[Instruction] = answer(errno.EPERM)


def supported() -> bool:
    """Whether this machine's call numbers are known here."""
    return MACHINE in _AUDIT_ARCH


def opening() -> list[Instruction]:
    """Kills for calls of another machine word (32 bit), refuses x32; the number is loaded then."""
    return [
        (LOAD, 0, 0, _AT_ARCH),
        (JEQ, 1, 0, _AUDIT_ARCH[MACHINE]),
        (RETURN, 0, 0, _KILL),
        (LOAD, 0, 0, _AT_NUMBER),
        (JGE, 0, 1, _X32_BIT),
        REFUSE,
    ]


def when(number: int, argument: int, checks: Sequence[Instruction]) -> list[Instruction]:
    """`checks` on the low word of one argument if the call is `number`; then go on."""
    again: Instruction = (LOAD, 0, 0, _AT_NUMBER)
    return [(JEQ, 0, len(checks) + 2, number), (LOAD, 0, 0, argument), *checks, again]


def refuse_all(denied: Sequence[int]) -> list[Instruction]:
    """The end of a program: refuses these numbers (ascending), allows all others.

    In groups, of which a call looks at one: the kernel tries every call there is whenever the
    program is bound, and each look costs.
    """
    groups = [denied[at : at + _GROUP] for at in range(0, len(denied), _GROUP)]
    code: list[Instruction] = []
    for group in groups:
        looks = [(JEQ, len(group) - at, 0, number) for at, number in enumerate(group)]
        # A larger number than the last of the group is looked for in the next one.
        code += [(JGT, len(group) + 2, 0, group[-1]), *looks, ALLOW, REFUSE]
    return [*code, ALLOW]


def assembled(code: Sequence[Instruction]) -> bytes:
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)


def numbers(table: str) -> dict[str, int]:
    """`ptrace 101 kcmp 312` as a table."""
    words = table.split()
    return dict(zip(words[::2], map(int, words[1::2]), strict=True))

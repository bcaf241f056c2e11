"""The program that refuses system calls, played call by call."""

from __future__ import annotations

import struct
from typing import Final

import pytest

from sandbox.kernel.syscalls import MACHINE
from sandbox.policies import bpf
from sandbox.policies.calls import _DENIED, _EVERYWHERE, filter_code, supported

ALLOWED: Final = bpf.ALLOW[3]

pytestmark = pytest.mark.skipif(not supported(), reason="the call numbers of this machine")


def played(program: bytes, number: int) -> int:
    """What the program answers to a call without arguments."""
    words = {0: number, 4: bpf._AUDIT_ARCH[MACHINE]}
    code = list(struct.iter_unpack("<HBBI", program))
    held, at = 0, 0
    while True:
        kind, if_true, if_false, constant = code[at]
        match kind:
            case bpf.LOAD:
                held = words.get(constant, 0)
                at += 1
                continue
            case bpf.RETURN:
                return int(constant)
            case bpf.JEQ:
                met = held == constant
            case bpf.JGT:
                met = held > constant
            case bpf.JGE:
                met = held >= constant
            case _:
                met = bool(held & constant)
        at += 1 + (if_true if met else if_false)


@pytest.mark.parametrize("sockets", [True, False])
def test_exactly_the_listed_calls_are_refused(sockets: bool) -> None:  # noqa: FBT001
    program = filter_code(sockets=sockets)
    refused = {number for number in range(1024) if played(program, number) != ALLOWED}
    clone3 = 435
    by_argument = set() if sockets else {{"x86_64": 41, "aarch64": 198}[MACHINE]}
    assert refused == {*_DENIED[MACHINE].values(), *_EVERYWHERE.values(), clone3, *by_argument}


def test_no_call_is_looked_for_among_all() -> None:
    groups = bpf.refuse_all(list(range(0, 1000, 10)))
    assert max(jump for _, jump, _, _ in groups) <= bpf._GROUP + 2

"""The program that refuses system calls, played call by call."""

from __future__ import annotations

import struct
from typing import Final

import pytest

from sandbox.kernel.syscalls import MACHINE
from sandbox.policies import bpf
from sandbox.policies.calls import (
    _DENIED,
    _EVERYWHERE,
    _SOCKET,
    _SYSTEM_V,
    filter_code,
    supported,
)

ALLOWED: Final = bpf.ALLOW[3]

pytestmark = pytest.mark.skipif(not supported(), reason="the call numbers of this machine")


def played(program: bytes, number: int, first: int = 0) -> int:
    """What the program answers to a call, its first argument known."""
    words = {0: number, 4: bpf._AUDIT_ARCH[MACHINE], bpf.AT_FIRST: first}
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
@pytest.mark.parametrize("apart", [True, False])
def test_exactly_the_listed_calls_are_refused(*, sockets: bool, apart: bool) -> None:
    program = filter_code(sockets=sockets, apart=apart)
    refused = {number for number in range(1024) if played(program, number) != ALLOWED}
    clone3, no_family = 435, _SOCKET[MACHINE]
    listed = {*_DENIED[MACHINE].values(), *_EVERYWHERE.values(), clone3, no_family}
    assert refused == listed | (set() if apart else {*_SYSTEM_V[MACHINE].values()})


@pytest.mark.parametrize(("sockets", "families"), [(True, {1, 2, 10, 16}), (False, {1})])
def test_exactly_the_listed_families_of_sockets_are_allowed(
    *, sockets: bool, families: set[int]
) -> None:
    program, call = filter_code(sockets=sockets), _SOCKET[MACHINE]
    assert {f for f in range(100) if played(program, call, f) == ALLOWED} == families


def test_no_call_is_looked_for_among_all() -> None:
    groups = bpf.refuse_all(list(range(0, 1000, 10)))
    assert max(jump for _, jump, _, _ in groups) <= bpf._GROUP + 2

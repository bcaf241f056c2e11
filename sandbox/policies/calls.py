"""System calls a cell may not make, as a seccomp filter.

A deny list: what is not named here is allowed. Denied calls answer EPERM, except `clone3`, which
answers ENOSYS so that the C library falls back to `clone`, whose flags can be looked at. Calls of
another machine word (32 bit, x32) are refused. The lists follow from what a job has no use for:
other processes' memory, mounts, namespaces, kernel keys, kernel code, the clock, and the interfaces
with a long record of kernel holes (bpf, io_uring, userfaultfd, perf).
"""

from __future__ import annotations

import errno
import struct
from typing import Final

from sandbox.kernel.syscalls import MACHINE, NEW_ANY, NUMBERS


def _numbers(table: str) -> dict[str, int]:
    words = table.split()
    return dict(zip(words[::2], map(int, words[1::2]), strict=True))


#: Same number on every machine.
_EVERYWHERE: Final = {
    "pidfd_getfd": 438,
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "open_tree_attr": 467,
}
_DENIED: Final = {
    "x86_64": _numbers(
        """
        ptrace 101 process_vm_readv 310 process_vm_writev 311 kcmp 312
        mount 165 umount2 166 pivot_root 155 chroot 161
        unshare 272 setns 308 personality 135 modify_ldt 154
        keyctl 250 add_key 248 request_key 249
        bpf 321 perf_event_open 298 userfaultfd 323 fanotify_init 300
        kexec_load 246 kexec_file_load 320 reboot 169
        init_module 175 finit_module 313 delete_module 176
        swapon 167 swapoff 168 acct 163 quotactl 179 nfsservctl 180
        settimeofday 164 clock_settime 227 adjtimex 159 clock_adjtime 305
        sethostname 170 setdomainname 171 syslog 103 vhangup 153
        iopl 172 ioperm 173 lookup_dcookie 212 open_by_handle_at 304
        move_pages 279 mbind 237 migrate_pages 256 set_mempolicy 238
        """
    ),
    "aarch64": _numbers(
        """
        ptrace 117 process_vm_readv 270 process_vm_writev 271 kcmp 272
        mount 40 umount2 39 pivot_root 41 chroot 51
        unshare 97 setns 268 personality 92
        keyctl 219 add_key 217 request_key 218
        bpf 280 perf_event_open 241 userfaultfd 282 fanotify_init 262
        kexec_load 104 kexec_file_load 294 reboot 142
        init_module 105 finit_module 273 delete_module 106
        swapon 224 swapoff 225 acct 89 quotactl 60 nfsservctl 42
        settimeofday 170 clock_settime 112 adjtimex 171 clock_adjtime 266
        sethostname 161 setdomainname 162 syslog 116 vhangup 58
        lookup_dcookie 18 open_by_handle_at 265
        move_pages 239 mbind 235 migrate_pages 238 set_mempolicy 237
        """
    ),
}
_AUDIT_ARCH: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SOCKET: Final = {"x86_64": 41, "aarch64": 198}
_IOCTL: Final = {"x86_64": 16, "aarch64": 29}
_CLONE3: Final = 435
_X32_BIT: Final = 0x40000000
_AF_UNIX: Final = 1
_TERMINAL_INPUT: Final = (
    0x5412,
    0x541C,
)  # TIOCSTI, TIOCLINUX: typing into a terminal one only reads

# Classic BPF: load a word, jump if equal / greater or equal / any bit set, return.
_LOAD, _JEQ, _JGE, _JSET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_AT_NUMBER, _AT_ARCH, _AT_FIRST, _AT_SECOND = 0, 4, 16, 24
_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000
_ERRNO: Final = 0x00050000

_Instruction = tuple[int, int, int, int]


def supported() -> bool:
    """Whether this machine's call numbers are known here."""
    return MACHINE in _DENIED


def filter_code(*, sockets: bool) -> bytes:
    """The program; with `sockets` False only unix sockets can be made."""
    refuse: _Instruction = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
    code: list[_Instruction] = [
        (_LOAD, 0, 0, _AT_ARCH),
        (_JEQ, 1, 0, _AUDIT_ARCH[MACHINE]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _AT_NUMBER),
        (_JGE, 0, 1, _X32_BIT),
        refuse,
        (_JEQ, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
        *_when(NUMBERS[MACHINE]["clone"], _AT_FIRST, [(_JSET, 0, 1, NEW_ANY), refuse]),
        *_when(
            _IOCTL[MACHINE],
            _AT_SECOND,
            [(_JEQ, 1, 0, _TERMINAL_INPUT[0]), (_JEQ, 0, 1, _TERMINAL_INPUT[1]), refuse],
        ),
    ]
    if not sockets:
        code += _when(_SOCKET[MACHINE], _AT_FIRST, [(_JEQ, 1, 0, _AF_UNIX), refuse])
    denied = sorted({*_DENIED[MACHINE].values(), *_EVERYWHERE.values()})
    code += [(_JEQ, len(denied) - index, 0, number) for index, number in enumerate(denied)]
    code += [(_RETURN, 0, 0, _ALLOW), refuse]
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)


def _when(number: int, argument: int, checks: list[_Instruction]) -> list[_Instruction]:
    """`checks` on the low word of one argument if the call is `number`; then go on."""
    again: _Instruction = (_LOAD, 0, 0, _AT_NUMBER)
    return [(_JEQ, 0, len(checks) + 2, number), (_LOAD, 0, 0, argument), *checks, again]

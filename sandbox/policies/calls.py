"""System calls a cell may not make, as a seccomp filter.

A deny list: what is not named here is allowed. Denied calls answer EPERM, except `clone3`, which
answers ENOSYS so that the C library falls back to `clone`, whose flags can be looked at. Calls of
another machine word (32 bit, x32) are refused. The lists follow from what a job has no use for:
other processes' memory, mounts, namespaces, kernel keys, kernel code, the clock, and the interfaces
with a long record of kernel holes (bpf, io_uring, userfaultfd, perf).
"""

from __future__ import annotations

import errno
from typing import Final

from sandbox.kernel.syscalls import MACHINE, NEW_ANY, NUMBERS
from sandbox.policies import bpf
from sandbox.policies.bpf import JEQ, JSET, REFUSE

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
    "x86_64": bpf.numbers(
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
    "aarch64": bpf.numbers(
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
_SYSTEM_V: Final = {
    "x86_64": bpf.numbers("shmget 29 semget 64 msgget 68"),
    "aarch64": bpf.numbers("shmget 194 semget 190 msgget 186"),
}
_SOCKET: Final = {"x86_64": 41, "aarch64": 198}
_IOCTL: Final = {"x86_64": 16, "aarch64": 29}
_CLONE3: Final = 435
#: Of sockets: unix, IPv4, IPv6, netlink (to look up addresses by). All others are rare, and some
#: lead out of every network namespace (AF_VSOCK: to the machine that hosts this one).
_FAMILIES: Final = (1, 2, 10, 16)
_TERMINAL_INPUT: Final = (
    0x5412,
    0x541C,
)  # TIOCSTI, TIOCLINUX: typing into a terminal one only reads


def supported() -> bool:
    """Whether this machine's call numbers are known here."""
    return MACHINE in _DENIED


def filter_code(*, sockets: bool, apart: bool = True) -> bytes:
    """The program; with `sockets` False only unix sockets can be made, and what is not `apart`, in
    an IPC namespace of its own, has no System V IPC: its objects would stay behind.
    """
    code = [
        *bpf.opening(),
        (JEQ, 0, 1, _CLONE3),
        bpf.answer(errno.ENOSYS),
        *bpf.when(NUMBERS[MACHINE]["clone"], bpf.AT_FIRST, [(JSET, 0, 1, NEW_ANY), REFUSE]),
        *bpf.when(
            _IOCTL[MACHINE],
            bpf.AT_SECOND,
            [(JEQ, 1, 0, _TERMINAL_INPUT[0]), (JEQ, 0, 1, _TERMINAL_INPUT[1]), REFUSE],
        ),
    ]
    families = _FAMILIES if sockets else _FAMILIES[:1]
    known = [(JEQ, len(families) - at, 0, number) for at, number in enumerate(families)]
    unknown = bpf.answer(errno.EAFNOSUPPORT) if sockets else REFUSE
    code += bpf.when(_SOCKET[MACHINE], bpf.AT_FIRST, [*known, unknown])
    shared = {} if apart else _SYSTEM_V[MACHINE]
    denied = sorted({*_DENIED[MACHINE].values(), *_EVERYWHERE.values(), *shared.values()})
    return bpf.assembled([*code, *bpf.refuse_all(denied)])

"""A process that only computes: the system calls it may still make, as a seccomp filter.

An allow list: memory that is not code, the descriptors it has, time, chance, its own end. All else
answers EPERM: there are no files, no sockets, no processes and no signals to others.
"""

from __future__ import annotations

import resource
from typing import Final

from sandbox.kernel import syscalls as sc
from sandbox.policies import bpf
from sandbox.policies.bpf import JEQ, JSET, REFUSE

_ALLOWED: Final = {
    "x86_64": bpf.numbers(
        """
        read 0 write 1 close 3 poll 7 mmap 9 mprotect 10 munmap 11 brk 12 mremap 25 madvise 28
        rt_sigaction 13 rt_sigprocmask 14 rt_sigreturn 15 sigaltstack 131 restart_syscall 219
        sched_yield 24 futex 202 clock_gettime 228 gettimeofday 96 getrandom 318
        exit 60 exit_group 231
        """
    ),
    "aarch64": bpf.numbers(
        """
        read 63 write 64 close 57 ppoll 73 mmap 222 mprotect 226 munmap 215 brk 214 mremap 216
        madvise 233 rt_sigaction 134 rt_sigprocmask 135 rt_sigreturn 139 sigaltstack 132
        restart_syscall 128 sched_yield 124 futex 98 clock_gettime 113 gettimeofday 169
        getrandom 278 exit 93 exit_group 94
        """
    ),
}
_PROT_EXEC: Final = 4


def filter_code() -> bytes:
    allowed = _ALLOWED[sc.MACHINE]
    code = bpf.opening()
    for name in ("mmap", "mprotect"):
        code += bpf.when(allowed[name], bpf.AT_THIRD, [(JSET, 0, 1, _PROT_EXEC), REFUSE])
    calls = sorted(allowed.values())
    code += [(JEQ, len(calls) - index, 0, number) for index, number in enumerate(calls)]
    code += [REFUSE, bpf.ALLOW]
    return bpf.assembled(code)


def only_compute(memory_bytes: int) -> str:
    """Shut this process in for good; everything must be imported and opened before.

    Answers "" or why the filter could not be set; the limits hold in any case.
    """
    for limit, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (value, value))
    if not bpf.supported():
        return f"the system calls of {sc.MACHINE} are not known here"
    try:
        sc.prctl(sc.PR_SET_NO_NEW_PRIVS, 1)
        sc.Filter(filter_code()).install()
    except OSError as error:
        return str(error)
    return ""

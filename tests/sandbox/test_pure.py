"""A process that only computes can do nothing else."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest

ESCAPES = {
    "open a file": "open('/etc/passwd')",
    "write a file": "open('/tmp/x', 'w')",
    "list a folder": "os.listdir('/')",
    "make a socket": "socket.socket()",
    "make a pair": "socket.socketpair()",
    "fork": "os.fork()",
    "start a program": "os.execv('/bin/true', ['true'])",
    "kill its parent": "os.kill(os.getppid(), 0)",
    "trace its parent": "call(libc.ptrace(16, os.getppid(), 0, 0))",
    "make code": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)",
    "make memory code": "call(libc.mprotect(page, 4096, 5))",
    "raise its limits": "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "change its user": "os.setuid(1)",
    "remove a file": "os.unlink('/tmp/nothing')",
    "use more memory": "bytearray(1 << 30)",
    "start a thread": "threading.Thread(target=int).start()",
}
SCRIPT = """
import ctypes, mmap, os, resource, socket, sys, threading
from sandbox.policies.pure import only_compute
libc = ctypes.CDLL(None, use_errno=True)
page = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(mmap.mmap(-1, 4096))))
def call(answer):
    if answer < 0:
        raise OSError(ctypes.get_errno(), "refused")
assert only_compute(256 << 20) == ""
try:
    {escape}
except (OSError, ValueError, MemoryError, RuntimeError) as error:
    os.write(1, type(error).__name__.encode())
else:
    os.write(1, b"escaped")
assert sum(range(100_000)) and len("x" * 1_000_000)
os._exit(0)
"""


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_a_process_that_only_computes_cannot(escape: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", dedent(SCRIPT).format(escape=escape)],
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert ended.returncode == 0, ended.stderr.decode()
    assert ended.stdout.decode() in {
        *("PermissionError", "OSError", "ValueError", "MemoryError", "RuntimeError")
    }

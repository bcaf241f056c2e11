"""What is told of children that have ended, beside what Python tells."""

from __future__ import annotations

import subprocess
import sys

TOLD = """
import os, select, signal
from sandbox.kernel.children import Children

children = Children()
assert children.next_ended() is None, "there is none"
held = b"x" * (32 << 20)

def forked(work):
    pid = os.fork()
    if pid == 0:
        work()
    return pid

def burn():
    while sum(os.times()[:2]) < 0.1:
        pass
    os._exit(3)

def die():
    os.kill(os.getpid(), signal.SIGKILL)

started = {forked(burn): 3 << 8, forked(die): signal.SIGKILL}
seen = {}
while len(seen) < len(started):
    assert select.select([children.woken], [], [], 60)[0], "nobody told"
    os.read(children.woken, 4096)
    while ended := children.next_ended():
        seen[ended.pid] = ended
assert {pid: each.status for pid, each in seen.items()} == started, seen
slow = seen[next(iter(started))]
assert slow.cpu_s >= 0.1, slow
assert slow.peak_bytes > len(held), slow
assert children.next_ended() is None, "all are told"
"""


def test_each_child_that_ended_is_told_once_with_what_it_used() -> None:
    subprocess.run([sys.executable, "-c", TOLD], check=True)

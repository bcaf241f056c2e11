"""The scripts that the journeys write, deploy and run."""

from __future__ import annotations

from tests.e2e._server import Server

GREETING = '''\
def main(name: str, times: int = 2):
    """Greets.

    Args:
        name: Who is greeted.
    """
    for turn in range(times):
        print("greeting", name, turn + 1)
    return {"greeting": f"Hello {name}", "times": times}
'''

BROKEN = """\
def main(name: str, times: int = 2):
    return (name
"""

DIVISION = """\
def main(by: int = 1):
    print("dividing by", by)
    return 1 / by
"""

# Runs until somebody deploys a script at the path that it is told: it ends neither too early for
# what a test wants to see, nor later than it must.
PATIENT = """\
import os
import time
import urllib.request


def main(signal: str):
    print("waiting for", signal, flush=True)
    base, workspace = os.environ["BASE_INTERNAL_URL"], os.environ["WM_WORKSPACE"]
    question = urllib.request.Request(
        f"{base}/api/w/{workspace}/scripts/exists/p/{signal}",
        headers={"Authorization": "Bearer " + os.environ["WM_TOKEN"]},
    )
    while urllib.request.urlopen(question).read() != b"true":
        time.sleep(0.05)
    print("there it is", flush=True)
    return "it came"
"""


def let_go(server: Server, signal: str) -> None:
    """What a `PATIENT` run waits for."""
    server.deploy(signal, "def main(): ...")

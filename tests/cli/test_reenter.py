"""Children of our own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from tests._expressions import evaluated
from windmill_lite.base import frozen
from windmill_lite.cli.reenter import reenter


def test_an_unknown_child_is_named_and_so_are_the_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert reenter(["nobody"]) == 2
    assert (
        "no child is called 'nobody'; there are expressions, forkserver" in capsys.readouterr().err
    )
    assert reenter([]) == 2


def test_a_child_starts_where_no_package_of_ours_can_be_found_by_chance() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        command = [*frozen.launcher("forkserver", site=False), str(theirs.fileno())]
        child = subprocess.Popen(
            [*command, '{"probe": true, "level": "best", "preload": [], "shared": []}'],
            cwd="/",
            env=frozen.child_env(reuse_extraction=True),
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        answer = ours.recv(1 << 17)
        assert child.wait() == 0
    assert b'"level"' in answer


def test_expressions_have_a_child() -> None:
    env = frozen.child_env(reuse_extraction=True)
    ready, answer = evaluated(frozen.launcher("expressions"), env, "[6 * 7].map(x => x)")
    assert ready == {"ready": True, "why": ""}
    assert answer == {"value": [42]}


def test_the_way_to_a_child_imports_none_of_the_server() -> None:
    code = (
        "import sys; sys.argv = ['windmill-lite', 'reenter', 'nobody']\n"
        "from windmill_lite.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "dear = ('click', 'aiohttp', 'asyncio', 'pydantic', 'json')\n"
        "print([m for m in dear if m in sys.modules])"
    )
    root = str(frozen.resource_path(""))
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": root, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"

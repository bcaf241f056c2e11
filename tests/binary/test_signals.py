"""One press of Ctrl-C is one request, although both processes of the executable hear it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.binary.test_executable import BUILT

pytestmark = [
    pytest.mark.binary,
    pytest.mark.skipif(not BUILT.exists(), reason="needs dist/windmill-lite: run `make dist`"),
]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_whole_group_stops_it_softly(tmp_path: Path, sign: signal.Signals) -> None:
    tmp_path.chmod(0o755)
    server = subprocess.Popen(
        [shutil.copy2(BUILT, tmp_path), "--listen", "127.0.0.1:0", "--data-dir", "data"],
        cwd=tmp_path,
        env={"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert server.stdout is not None
    for line in server.stdout:
        if "serves http" in line:
            break
    os.killpg(server.pid, sign)
    said, _ = server.communicate(timeout=60)
    assert server.returncode == 0, said
    assert f"{sign.name}: stopping" in said
    assert "again" not in said
    assert list(tmp_path.glob("_MEI*")) == []

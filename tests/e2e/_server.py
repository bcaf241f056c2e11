"""The server as a person starts it: a process of its own, on a free port, in an empty folder."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parents[2]
UI = REPO / "bundled_ui" / "dist" / "index.html"
EMAIL, PASSWORD, NAME = "ada@example.org", "correct horse battery staple", "Ada Lovelace"
WORKSPACE = "main"

_ADDRESS = re.compile(r"windmill-lite serves (http://\S+)")
_SETUP_LINK = re.compile(r"(http://\S+/setup\?token=\S+)")
_START_S = 60.0
_STOP_S = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `token` is the admin's, or "" while there is none."""

    url: str
    setup_link: str = ""
    token: str = ""

    def api(self, method: str, path: str, body: object = None) -> Any:
        """One request with the token. A refusal raises `HTTPError`; text comes back as text."""
        return self.send(method, f"{self.url}/api{path}", body)

    def in_workspace(self, method: str, path: str, body: object = None) -> Any:
        """The same, below the one workspace."""
        return self.api(method, f"/w/{WORKSPACE}{path}", body)

    def send(self, method: str, url: str, body: object = None) -> Any:
        request = urllib.request.Request(  # noqa: S310  our own server
            url,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=_START_S) as answer:  # noqa: S310  the same
            text = answer.read().decode()
            is_json = answer.headers.get_content_type() == "application/json"
        return json.loads(text) if is_json else text

    def deploy(self, path: str, content: str, **more: object) -> str:
        """Deploy a Python script as another person would from elsewhere; its hash."""
        script = {"path": path, "content": content, "language": "python3", "summary": ""} | more
        return str(self.in_workspace("POST", "/scripts/create", script))

    def run(self, path: str, args: Mapping[str, object] | None = None) -> str:
        """Start a deployed script; the id of the run."""
        return str(self.in_workspace("POST", f"/jobs/run/p/{path}", dict(args or {})))

    def finish(self, path: str, args: Mapping[str, object] | None = None) -> Any:
        """Run a deployed script to its end; its result, or its error as the API gives it."""
        try:
            return self.in_workspace("POST", f"/jobs/run_wait_result/p/{path}", dict(args or {}))
        except urllib.error.HTTPError as refused:
            with refused:
                return json.loads(refused.read())


@contextmanager
def serving(folder: Path, *, with_admin: bool) -> Iterator[Server]:
    """A server with an empty data folder. With an admin its `token` is theirs, else there is the
    one-time link that it prints.
    """
    if not UI.exists():
        raise RuntimeError("the browser UI is not built: run `make ui`")
    process = subprocess.Popen(
        [sys.executable, "-m", "windmill_lite", "--listen", "127.0.0.1:0", "--data-dir", folder],
        cwd=REPO,
        env=_environment(with_admin=with_admin),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # Ctrl-C at the terminal is for the tests, not for it
    )
    said = _Said(process)
    try:
        server = Server(said.wait_for(_ADDRESS))
        if with_admin:
            who = {"email": EMAIL, "password": PASSWORD}
            yield Server(server.url, token=server.api("POST", "/auth/login", who))
        else:
            yield Server(server.url, setup_link=said.wait_for(_SETUP_LINK))
    finally:
        _stop(process)
        said.close()


class _Said:
    """The lines that a process prints; read to the end, so that it never waits for its reader."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None, "it was started with a pipe"
        self._pipe = process.stdout
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._all: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, pattern: re.Pattern[str]) -> str:
        """The first group of the next line that matches."""
        deadline = time.monotonic() + _START_S
        while (line := self._next(deadline)) is not None:
            if found := pattern.search(line):
                return found[1]
        raise RuntimeError(f"the server does not print {pattern.pattern}:\n{''.join(self._all)}")

    def _next(self, deadline: float) -> str | None:
        """None when it has ended, or when the time is up."""
        try:
            return self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None

    def close(self) -> None:
        """Once the process is gone."""
        self._reader.join(_STOP_S)
        self._pipe.close()

    def _read(self) -> None:
        for line in self._pipe:
            self._all.append(line)
            self._lines.put(line)
        self._lines.put(None)


def _environment(*, with_admin: bool) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("WINDMILL_LITE_") and name != "DATABASE_URL"
    }
    admin = {"WINDMILL_LITE_ADMIN_EMAIL": EMAIL, "WINDMILL_LITE_ADMIN_PASSWORD": PASSWORD}
    return kept | (admin if with_admin else {})


def _stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

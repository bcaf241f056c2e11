"""The executable as the smoke test runs it: in a folder of its own, watched from outside.

Only the standard library is used, so that the proof needs nothing of the build.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

START_S = 30.0
STOP_S = 20.0


class SmokeError(Exception):
    """The executable did not do what it must; the message says what."""


@dataclass(slots=True)
class Reply:
    status: int
    kind: str  # the content type without its parameters
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def text(self) -> str:
        return self.body.decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Server:
    """The executable, serving from its own folder on its own port."""

    executable: Path  # lies in `folder`, so that every process of it can be told by where it lies
    folder: Path
    port: int = field(default_factory=_free_port)
    process: subprocess.Popen[str] | None = None
    lines: queue.Queue[str] = field(default_factory=queue.Queue)
    said: list[str] = field(default_factory=list)
    token: str = ""
    cookies: CookieJar = field(default_factory=CookieJar)

    @property
    def environment(self) -> dict[str, str]:
        return {"HOME": str(self.folder), "TMPDIR": str(self.temporary), "PATH": "/nonexistent"}

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    def command(self, *arguments: str) -> str:
        """Run a command of the executable to its end; what it printed."""
        done = subprocess.run(
            [self.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )
        must(done.returncode == 0, f"`{' '.join(arguments)}` exits 0\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.process = subprocess.Popen(
            [self.executable, "--listen", f"127.0.0.1:{self.port}", "--data-dir", "data"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()
        until(self._answers, START_S, f"it answers /readyz\n{''.join(self.said)}")

    def _listen(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            self.said.append(line)
            self.lines.put(line)

    def _answers(self) -> bool:
        process = self.process
        if process is not None and process.poll() is not None:
            raise SmokeError(f"it ended with {process.returncode}\n{''.join(self.said)}")
        with contextlib.suppress(OSError):
            return self.ask("GET", "/readyz").status == 200
        return False

    def said_match(self, pattern: str) -> str:
        """The first group of the first line that matches, of what it prints within `START_S`."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                found = re.search(pattern, self.lines.get(timeout=0.2))
                if found:
                    return found[1]
        raise SmokeError(f"it prints {pattern}\n{''.join(self.said)}")

    def ask(self, method: str, path: str, body: object = None) -> Reply:
        """One request, with the session once there is one; any status is an answer."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = json.dumps(body).encode() if body is not None else None
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        try:
            with opener.open(request, timeout=START_S) as answer:
                return Reply(answer.status, answer.headers.get_content_type(), answer.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, error.headers.get_content_type(), error.read())

    def expect(self, method: str, path: str, *, body: object = None, status: int = 200) -> Reply:
        reply = self.ask(method, path, body)
        must(
            reply.status == status,
            f"{method} {path} answers {status}, not {reply.status}: {reply.body[:500]!r}",
        )
        return reply

    def stop(self, sign: signal.Signals, *, exit_code: int) -> None:
        """Signal the process that was started, and wait until it and its family are gone."""
        process = self.process
        assert process is not None, "it was started"
        process.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
        must(
            process.returncode == exit_code,
            f"{sign.name} ends it with {exit_code}, not {process.returncode}\n{''.join(self.said)}",
        )
        until(lambda: not list(self.family()), STOP_S, f"no process is left after {sign.name}")
        self.process = None

    def family(self) -> Iterator[int]:
        """Every process that runs the executable or began in its folder, whoever its parent is."""
        inside = os.fsencode(self.folder)
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if inside in (entry / "environ").read_bytes() or self._runs_it(entry):
                        yield int(entry.name)

    def _runs_it(self, process: Path) -> bool:
        return (process / "exe").readlink().is_relative_to(self.folder)

    def unpacked(self) -> list[str]:
        """The folders that the executable unpacked itself into, and that still exist."""
        return sorted(p.name for p in self.temporary.glob("_MEI*"))

    def memory_mb(self) -> float:
        return sum(_memory_mb(pid) for pid in self.family())

    def kill_all(self) -> None:
        for pid in self.family():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)


def _memory_mb(pid: int) -> float:
    """A process's memory, with its part of what it shares with others."""
    with contextlib.suppress(OSError):
        found = re.search(r"Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text())
        return int(found[1]) / 1000 if found else 0.0
    return 0.0


def until(condition: Callable[[], bool], within_s: float, what: str) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        must(time.monotonic() < deadline, f"within {within_s:.0f} s {what}")
        time.sleep(0.02)


def must(condition: bool, what: str) -> None:  # noqa: FBT001
    if not condition:
        raise SmokeError(f"expected: {what}")

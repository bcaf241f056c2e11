"""Proves that the one file works alone: in an empty folder, with almost no environment.

    python packaging/smoke.py [dist/windmill-lite]

It is started as a person would start it, set up through the link that it prints, given a script,
asked for the result, and stopped; then it is killed, and must leave nothing behind.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from served import Reply, Server, SmokeError, must

from windmill_lite.runtimes.packs import carried

__all__ = ["SmokeError", "run"]

SIZE_MB_MAX = 25.0
EMAIL, PASSWORD = "smoke@example.org", "correct horse battery staple"
SCRIPT = """
def main(name: str, times: int = 2):
    print("greeting", name)
    return [name] * times
"""


@dataclass(slots=True)
class Figures:
    """What was measured on the way."""

    size_mb: float  # without the packs that it carries
    ready_s: float = 0.0  # from the start to the first answer, on an empty folder
    first_job_s: float = 0.0  # from the start to the first result, with the set-up between
    memory_mb: float = 0.0  # of all its processes, what they share counted once

    def __str__(self) -> str:
        return (
            f"{self.size_mb:.1f} MB and its packs, ready in {self.ready_s:.2f} s, "
            f"first job done in {self.first_job_s:.2f} s, {self.memory_mb:.0f} MB of memory"
        )


def run(executable: Path) -> Figures:
    """The whole proof; fails with `SmokeError`."""
    packs = sum(piece.size for piece in carried.carried(executable).values())
    figures = Figures((executable.stat().st_size - packs) / 1e6)
    must(_found_at_once(executable), "the packs lie before what every start looks for")
    must(figures.size_mb <= SIZE_MB_MAX, f"{figures.size_mb:.1f} MB is at most {SIZE_MB_MAX} MB")
    folder = Path(tempfile.mkdtemp(prefix="wl-smoke-"))
    server = Server(Path(shutil.copy2(executable, folder)), folder)
    server.temporary.mkdir()
    try:
        check_commands(server)
        check_first_job(server, figures)
        check_secret(server)
        check_pages(server)
        figures.memory_mb = server.memory_mb()
        server.stop(signal.SIGTERM, exit_code=0)
        must(not server.unpacked(), f"nothing stays unpacked: {server.unpacked()}")
        check_kill(server)
    finally:
        server.kill_all()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"smoke test passed: {figures}")
    return figures


def _found_at_once(executable: Path) -> bool:
    """PyInstaller's loader looks for its archive from the end: 70 MB of packs there cost 0.25 s."""
    with executable.open("rb") as file:
        file.seek(-(1 << 14), os.SEEK_END)
        return b"MEI\014\013\012\013\016" in file.read()


def check_commands(server: Server) -> None:
    """Commands that need no server."""
    version = server.command("--version")
    must(re.search(r"\d+\.\d+\.\d+", version) is not None, f"--version says one: {version!r}")
    must(re.search(r"\d+\.\d+\.\d+", server.command("version")) is not None, "so does `version`")
    must("python" in server.command("doctor").lower(), "doctor speaks of python")
    must(not server.unpacked(), f"commands leave nothing unpacked: {server.unpacked()}")


def check_first_job(server: Server, figures: Figures) -> None:
    """From the start to the result of a first script."""
    started = time.monotonic()
    server.start()
    figures.ready_s = time.monotonic() - started
    link_token = server.said_match(r"https?://\S+[/=]([\w-]{20,})")
    set_up = {"token": link_token, "email": EMAIL, "password": PASSWORD}
    reply = server.expect("POST", "/api/auth/setup", body=set_up, status=201)
    server.token = _token_of(reply)
    workspace = server.expect("GET", "/api/workspaces/list").json()[0]["id"]
    script = {"path": "u/smoke/greet", "content": SCRIPT, "language": "python3"}
    fields = {"summary": "", "description": "", "schema": None}
    server.expect("POST", f"/api/w/{workspace}/scripts/create", body=script | fields, status=201)
    result = server.expect(
        "POST",
        f"/api/w/{workspace}/jobs/run_wait_result/p/u/smoke/greet",
        body={"name": "Ada"},
    ).json()
    must(result == ["Ada", "Ada"], f"the script returns what it must, not {result!r}")
    figures.first_job_s = time.monotonic() - started


def check_secret(server: Server) -> None:
    """A secret is sealed, opened, and given to a script, in SQL."""
    secret = {"path": "u/smoke/secret", "value": "hush hush", "is_secret": True, "description": ""}
    server.expect("POST", "/api/w/main/variables/create", body=secret, status=201)
    args = {"word": "$var:u/smoke/secret"}
    query = {"content": "-- :word (text)\nselect :word as word", "language": "sqlite", "args": args}
    rows = server.expect("POST", "/api/w/main/jobs/run_wait_result/preview", body=query).json()
    must(rows == [{"word": "hush hush"}], f"a script is given a secret, not {rows!r}")


def check_pages(server: Server) -> None:
    """What a browser and a machine ask first."""
    must(server.expect("GET", "/healthz").status == 200, "it is healthy")
    version = server.expect("GET", "/api/version").text()
    must(version.startswith("CE v"), f"/api/version says which Windmill it is: {version!r}")
    document = server.expect("GET", "/api/openapi.json").json()
    must(document["openapi"].startswith("3."), "the OpenAPI document says its version")
    index = server.expect("GET", "/").text()
    script = re.search(r'src="(/[^"]+\.js)"', index)
    must(script is not None, f"the page loads a script: {index[:300]}")
    asset = server.expect("GET", script[1] if script else "/")
    must("javascript" in asset.kind, f"the script is one: {asset.kind}")
    unknown = server.expect("GET", "/api/nothing/here", status=404)
    must(unknown.kind == "text/plain", f"an unknown address is plain text, not {unknown.kind}")


def check_kill(server: Server) -> None:
    """Killed without a chance, it takes its family along; the next start cleans up after it."""
    server.start()
    server.stop(signal.SIGKILL, exit_code=-signal.SIGKILL)
    server.start()
    must(len(server.unpacked()) <= 1, f"the next start cleans up: {server.unpacked()}")
    server.stop(signal.SIGTERM, exit_code=0)
    must(not server.unpacked(), f"nothing stays unpacked: {server.unpacked()}")


def _token_of(reply: Reply) -> str:
    """The session, as text or as JSON; "" when it came as a cookie alone."""
    if reply.kind == "application/json":
        value = reply.json()
        return value if isinstance(value, str) else str(value.get("token", ""))
    return reply.text().strip()


def main(argv: list[str]) -> int:
    executable = Path(argv[0]) if argv else Path(__file__).parent.parent / "dist" / "windmill-lite"
    try:
        run(executable)
    except SmokeError as failed:
        print(f"smoke test failed: {failed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The product as its users have it: processes of their own, spoken to by signals and output."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

REPO = Path(__file__).parents[2]
PATIENCE_S = 50.0  # below a default lease and a default poll, which tests must not wait for
PROGRAM = (sys.executable, "-m", "windmill_lite")


def until(condition: Callable[[], object], why: str, *, within_s: float = PATIENCE_S) -> None:
    """Wait for something that nobody announces."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"in vain: {why}"
        time.sleep(0.01)


class Process:
    """`windmill-lite` with the arguments, started; killed with all its children at the end.

    It sees a temporary directory and a home of its own, `place`, and nothing of our environment.
    `program` is it, when it is not this checkout.
    """

    def __init__(
        self,
        place: Path,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._lines: list[str] = []
        self._said_at: list[float] = []  # of the monotonic clock
        self._news = threading.Condition()
        self.temporary = place / "tmp"
        self.temporary.mkdir(parents=True, exist_ok=True)
        self.started_at = time.monotonic()
        self._process = subprocess.Popen(
            [*program, *arguments],
            env=environment(place) | dict(env or {}),
            cwd=place,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> str:
        """Everything it has written so far."""
        return "\n".join(self._lines)

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def speaks(self) -> bool:
        """Whether it may still write; one that may not is about to end."""
        return self._reader.is_alive()

    def says(self, pattern: str) -> re.Match[str]:
        """Returns when its output matches, from the beginning on; fails when it ends before."""
        deadline = time.monotonic() + PATIENCE_S
        with self._news:
            while not (found := re.search(pattern, self.output)):
                assert self._reader.is_alive(), f"it ended without {pattern!r}:\n{self.output}"
                left = deadline - time.monotonic()
                assert left > 0, f"it did not say {pattern!r}:\n{self.output}"
                self._news.wait(left)
            return found

    def took_s(self, pattern: str) -> float:
        """Seconds from its start to the first line that matches, once there is one."""
        self.says(pattern)
        said = zip(self._lines, self._said_at, strict=True)
        return next(at for line, at in said if re.search(pattern, line)) - self.started_at

    @property
    def address(self) -> str:
        """Where it serves, once it does."""
        return self.says(r"windmill-lite serves (http://\S+)")[1]

    def family(self) -> set[int]:
        """It and every process below it."""
        found = [self.pid]
        for pid in found:
            found += children(pid)
        return set(found)

    def tell(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def ends(self) -> int:
        """Its exit code, once it has ended and all it wrote is read."""
        code = self._process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        return code

    def stop(self) -> int:
        """As a service manager does; its exit code."""
        self.tell(signal.SIGTERM)
        return self.ends()

    def kill(self) -> None:
        """As the system does when memory runs out. Returns when its children are gone, too."""
        family = self.family()
        self._process.kill()
        self._process.wait()
        until(lambda: not any(map(alive, family)), f"one of {family} outlived {self.pid}")
        self._reader.join(PATIENCE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            print(f"---- {self.pid} wrote:\n{self.output}")  # noqa: T201  (pytest shows it)
        if self.running:
            self.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None, "it was asked for"
        for line in self._process.stdout:
            with self._news:
                self._lines.append(line.rstrip("\n"))
                self._said_at.append(time.monotonic())
                self._news.notify_all()
        with self._news:
            self._news.notify_all()


def environment(place: Path) -> dict[str, str]:
    """What a process of ours is given."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(place),
        "TMPDIR": str(place / "tmp"),
        "PYTHONPATH": str(REPO),
        "PYTHONWARNINGS": "error",
    }


def run(
    place: Path,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    stdin: str = "",
) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    (place / "tmp").mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [*PROGRAM, *arguments],
        env=environment(place) | dict(env or {}),
        cwd=place,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def alive(pid: int) -> bool:
    """False also for one that only waits to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def children(pid: int) -> list[int]:
    """Its children at this moment."""
    found: list[int] = []
    with suppress(OSError):  # it has just ended
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found

"""Somebody who asks a server over HTTP; a door through which a running job talks to the test."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.roles._process import PATIENCE_S, Process, until

EMAIL, PASSWORD = "ada@here.test", "correct horse battery"
ADMIN = {"WINDMILL_LITE_ADMIN_EMAIL": EMAIL, "WINDMILL_LITE_ADMIN_PASSWORD": PASSWORD}


@dataclass(frozen=True)
class Answer:
    """A response that has been read."""

    status: int
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """Asks one server, as the admin once `log_in` was called."""

    url: str
    token: str = field(default="", repr=False)

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        request = urllib.request.Request(self.url + path, method=method)  # noqa: S310  (ours)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:  # noqa: S310
                return Answer(response.status, response.read().decode())
        except urllib.error.HTTPError as refused:
            with refused:
                return Answer(refused.code, refused.read().decode())

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, body: Any = None) -> Answer:
        return self.ask("POST", path, body)

    def log_in(self) -> Client:
        answer = self.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD})
        assert answer.status == 200, answer
        self.token = answer.body
        return self

    def push(self, code: str, query: str = "", **args: Any) -> str:
        """A job's id: the server has promised to run it."""
        body = {"content": code, "language": "python3", "args": args}
        answer = self.post(f"/api/w/main/jobs/run/preview{query}", body)
        assert answer.status == 201, answer
        return answer.body

    def job(self, job_id: str) -> dict[str, Any]:
        answer = self.get(f"/api/w/main/jobs_u/get/{job_id}")
        assert answer.status == 200, answer
        found: dict[str, Any] = answer.json
        return found

    def log(self, job_id: str) -> str:
        return self.get(f"/api/w/main/jobs_u/get_logs/{job_id}").body

    def done(self, job_id: str) -> dict[str, Any]:
        """The job, once it has ended."""
        until(lambda: self.job(job_id)["type"] == "CompletedJob", f"job {job_id} has ended")
        return self.job(job_id)

    def cancel(self, job_id: str) -> None:
        answer = self.post(f"/api/w/main/jobs_u/queue/cancel/{job_id}", {"reason": "enough"})
        assert answer.status == 200, answer


def admin_of(process: Process) -> Client:
    """The admin that `ADMIN` in its environment makes, logged in."""
    return Client(process.address).log_in()


class Visit:
    """One attempt of a job that stands in the door: it waits for what it is to return."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        connection.settimeout(PATIENCE_S)
        with connection.makefile() as said:
            self.attempt = int(said.readline())

    def answer(self, word: str) -> None:
        """Let it return the word."""
        self._connection.sendall(word.encode())
        self.close()

    def close(self) -> None:
        self._connection.close()

    def gone(self) -> float:
        """Returns when its process is dead, with how long that took."""
        began = time.monotonic()
        with suppress(ConnectionResetError):
            assert self._connection.recv(1) == b"", "it says no more than its attempt"
        self.close()
        return time.monotonic() - began


class Door:
    """A port of this machine; `code` is a script that knocks there."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(PATIENCE_S)
        self._visits: list[Visit] = []
        port = self._socket.getsockname()[1]
        self.code = (
            "import os, socket\n"
            "def main():\n"
            f"    door = socket.create_connection(('127.0.0.1', {port}))\n"
            "    door.sendall(os.environ['WM_ATTEMPT'].encode() + b'\\n')\n"
            "    return door.recv(100).decode()\n"
        )

    def visit(self) -> Visit:
        """The next that comes."""
        visit = Visit(self._socket.accept()[0])
        self._visits.append(visit)
        return visit

    def close(self) -> None:
        for visit in self._visits:
            visit.close()
        self._socket.close()

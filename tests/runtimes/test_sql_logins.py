"""How our clients log in, against servers that say what the protocols' documentation says."""

from __future__ import annotations

import hashlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests._certificate import CERTIFICATE, server_context
from windmill_lite.runtimes.wrappers.sql_mysqlwire import Place, Wire
from windmill_lite.runtimes.wrappers.sql_postgres import PostgresSession
from windmill_lite.runtimes.wrappers.sql_values import SqlError

SALT = bytes(range(1, 21))
OK = b"\0\0\0\2\0\0\0"
_TLS = 0x800


@dataclass
class Server:
    """The server's end of one connection; what it heard can be looked at afterwards."""

    stream: socket.socket
    context: ssl.SSLContext
    heard: list[bytes] = field(default_factory=list)
    count: int = 0

    def exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self.stream.recv(size - len(data))
            if not more:
                raise ConnectionError
            data += more
        return data

    def encrypt(self) -> None:
        self.stream = self.context.wrap_socket(self.stream, server_side=True)

    # ---- MySQL

    def packet(self, body: bytes) -> None:
        self.stream.sendall(struct.pack("<I", len(body) | self.count << 24) + body)
        self.count += 1

    def hear(self) -> bytes:
        head = self.exactly(4)
        self.count = head[3] + 1
        body = self.exactly(int.from_bytes(head[:3], "little"))
        self.heard.append(body)
        return body

    def greet(self, plugin: str, *, tls: bool) -> bytes:
        """Says hello; answers with the proof of the client's answer to it."""
        can = 0xFFFFF7FF | (_TLS if tls else 0)
        low, high = struct.pack("<H", can & 0xFFFF), struct.pack("<H", can >> 16)
        hello = b"\x0a8.4.0\0" + b"\7\0\0\0" + SALT[:8] + b"\0" + low + b"\xff\2\0" + high
        self.packet(hello + b"\x15" + bytes(10) + SALT[8:] + b"\0" + plugin.encode() + b"\0")
        answer = self.hear()
        if tls and len(answer) == 32:
            self.encrypt()
            answer = self.hear()
        assert int.from_bytes(answer[:4], "little") & 0x80200 == 0x80200
        user, _, rest = answer[32:].partition(b"\0")
        assert user == b"ada"
        return rest[1 : 1 + rest[0]]


@contextmanager
def serving(tmp_path: Path, talk: Callable[[Server], None], times: int = 1) -> Iterator[int]:
    """A server that talks so to those who come; its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(20)

    def serve() -> None:
        for _ in range(times):
            stream, _ = listener.accept()
            server = Server(stream, server_context(tmp_path))
            try:
                talk(server)
            except OSError:
                pass  # the client has seen enough
            finally:
                server.stream.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join()
        listener.close()


def mysql(port: int, password: str = "pässword", **more: Any) -> None:
    told = {"host": "127.0.0.1", "port": port, "user": "ada", "password": password} | more
    Wire(Place.of(told)).close()


def is_sha2_of(proof: bytes, password: str) -> bool:
    """As a server checks it, which knows the password's hash of a hash only."""
    stored = hashlib.sha256(hashlib.sha256(password.encode()).digest()).digest()
    mask = hashlib.sha256(stored + SALT).digest()
    once = bytes(a ^ b for a, b in zip(proof, mask, strict=True))
    return hashlib.sha256(once).digest() == stored


@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_remembers_the_password_is_content_with_a_proof(
    tmp_path: Path, *, tls: bool
) -> None:
    proofs: list[bytes] = []

    def talk(server: Server) -> None:
        proofs.append(server.greet("caching_sha2_password", tls=tls))
        server.packet(b"\1\3")
        server.packet(OK)
        server.hear()

    with serving(tmp_path, talk) as port:
        mysql(port)
    assert is_sha2_of(proofs[0], "pässword")
    assert not is_sha2_of(proofs[0], "other")


def test_one_that_does_not_gets_the_password_within_tls(tmp_path: Path) -> None:
    told: list[bytes] = []

    def talk(server: Server) -> None:
        server.greet("caching_sha2_password", tls=True)
        server.packet(b"\1\4")
        told.append(server.hear())
        server.packet(OK)
        server.hear()

    with serving(tmp_path, talk) as port:
        mysql(port)
    assert told == ["pässword\0".encode()]


@pytest.mark.parametrize("plugin", ["caching_sha2_password", "sha256_password"])
def test_without_tls_no_password_is_sent_and_the_remedy_told(tmp_path: Path, plugin: str) -> None:
    heard: list[list[bytes]] = []

    def talk(server: Server) -> None:
        heard.append(server.heard)
        server.greet(plugin, tls=False)
        server.packet(b"\1\4")
        server.hear()

    with (
        serving(tmp_path, talk) as port,
        pytest.raises(SqlError, match="not sent without TLS: let the server take TLS"),
    ):
        mysql(port, ssl_mode="disabled")
    assert not any("pässword".encode() in each for each in heard[0])


def test_the_server_may_ask_for_another_login(tmp_path: Path) -> None:
    told: list[bytes] = []

    def talk(server: Server) -> None:
        server.greet("mysql_native_password", tls=True)
        server.packet(b"\xfecaching_sha2_password\0" + SALT + b"\0")
        told.append(server.hear())
        server.packet(b"\xfesha256_password\0" + SALT + b"\0")
        told.append(server.hear())
        server.packet(OK)
        server.hear()

    with serving(tmp_path, talk) as port:
        mysql(port)
    assert is_sha2_of(told[0], "pässword")
    assert told[1] == "pässword\0".encode()


@pytest.mark.parametrize(("plugin", "named"), [(b"client_ed25519\0", "ed25519"), (b"", "old one")])
def test_a_login_that_is_not_known_is_named(tmp_path: Path, plugin: bytes, named: str) -> None:
    def talk(server: Server) -> None:
        server.greet("mysql_native_password", tls=False)
        server.packet(b"\xfe" + plugin + (SALT if plugin else b""))
        server.hear()

    with serving(tmp_path, talk) as port, pytest.raises(SqlError, match=named):
        mysql(port)


def test_a_server_without_tls_is_left_by_who_wants_it(tmp_path: Path) -> None:
    def talk(server: Server) -> None:
        server.greet("caching_sha2_password", tls=False)

    for more in ({"ssl": True}, {"ssl_mode": "VERIFY_CA"}):
        with (
            serving(tmp_path, talk) as port,
            pytest.raises(SqlError, match=r"takes no TLS, which ssl_mode \w+ wants"),
        ):
            mysql(port, **more)


@pytest.mark.parametrize(
    ("more", "fails"),
    [
        ({"sslmode": "require"}, ""),
        ({"sslmode": "prefer"}, ""),
        ({"sslmode": "verify-ca", "root_certificate_pem": CERTIFICATE}, ""),
        ({"sslmode": "verify-ca"}, "self-signed certificate"),
        ({"sslmode": "verify-full", "root_certificate_pem": CERTIFICATE}, "match"),
        (
            {"sslmode": "verify-full", "root_certificate_pem": CERTIFICATE, "host": "localhost"},
            "",
        ),
    ],
)
def test_postgresql_is_encrypted_to_and_checked_as_the_resource_says(
    tmp_path: Path, more: dict[str, str], fails: str
) -> None:
    asked: list[bytes] = []

    def talk(server: Server) -> None:
        assert server.exactly(8) == struct.pack("!ii", 8, 80_877_103)
        server.stream.sendall(b"S")
        server.encrypt()
        server.exactly(int.from_bytes(server.exactly(4), "big") - 4)
        server.stream.sendall(b"R\0\0\0\x0c\0\0\0\5abcd")
        asked.append(server.exactly(5 + 36))
        server.stream.sendall(b"R\0\0\0\x08\0\0\0\0" + b"Z\0\0\0\5I")
        while server.stream.recv(1 << 16):
            server.stream.sendall(b"C\0\0\0\x08SET\0" + b"Z\0\0\0\5I")

    told = {"host": "127.0.0.1", "user": "ada", "password": "secret"} | more
    times = 2 if fails and more["sslmode"] == "prefer" else 1
    with serving(tmp_path, talk, times) as port:
        if fails:
            with pytest.raises(SqlError, match=fails):
                PostgresSession(told | {"port": port})
            return
        PostgresSession(told | {"port": port}).close()
    inner = hashlib.md5(b"secretada", usedforsecurity=False).hexdigest()
    outer = hashlib.md5(inner.encode() + b"abcd", usedforsecurity=False).hexdigest()
    assert asked == [b"p\0\0\0\x28md5" + outer.encode() + b"\0"]


@pytest.mark.parametrize("client", [PostgresSession, Place.of])
def test_a_socket_of_the_file_system_is_no_host(client: Callable[[Any], object]) -> None:
    with pytest.raises(SqlError, match="host '/run/db' is no name or address"):
        client({"host": "/run/db"})

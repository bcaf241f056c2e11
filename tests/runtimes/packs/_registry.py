"""A registry on this machine, and archives to put there."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from windmill_lite.runtimes.packs.catalogue import Artifact, Pack, Registry, here

FILES: Mapping[str, tuple[bytes, int]] = {
    "package/bin/tool": (b"#!/bin/sh\necho tool\n", 0o755),
    "package/share/words.txt": (b"words", 0o644),
    "elsewhere/x": (b"not wanted", 0o644),
}


def tar(files: Mapping[str, tuple[bytes, int]] = FILES, *, link: str = "") -> bytes:
    """The same bytes in every second: gzip would write the time of day into them."""
    made = io.BytesIO()
    packed = gzip.GzipFile(fileobj=made, mode="wb", mtime=0)
    with packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for name, (content, mode) in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), mode
            archive.addfile(info, io.BytesIO(content))
        if link:
            info = tarfile.TarInfo(link)
            info.type, info.linkname = tarfile.SYMTYPE, next(iter(files))
            archive.addfile(info)
    return made.getvalue()


def wheel(files: Mapping[str, tuple[bytes, int]] = FILES) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, (content, mode) in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o100000 | mode) << 16
            archive.writestr(info, content)
    return made.getvalue()


def pack(content: bytes, registry: Registry = "npm") -> Pack:
    """One whose file is `content`."""
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    package, file = ("@toys/tool", "tool.tgz") if registry == "npm" else ("tool", "tool.whl")
    return Pack(
        name="tool",
        version="1.2.3",
        what="Toys",
        registry=registry,
        inside="package",
        program="bin/tool",
        megabytes=1,
        artifacts={here(): Artifact(package, file, digest)},
    )


@dataclass
class Shelf:
    """What is there by path, and what was asked for."""

    pages: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    shown: dict[str, str | None] = field(default_factory=dict)  # path -> Authorization
    failing: int = 0  # so many answers are `refusal`
    refusal: int = 503
    url: str = ""

    def put(self, path: str, content: bytes, kind: str = "application/octet-stream") -> None:
        self.pages[path] = (200, kind, content)

    def npm(self, content: bytes, tarball: str = "") -> None:
        self.put("/npm/files/tool.tgz", content)
        tarball = tarball or f"{self.url}/npm/files/tool.tgz"
        told = {"versions": {"1.2.3": {"dist": {"tarball": tarball}}}}
        self.put("/npm/@toys%2ftool", json.dumps(told).encode(), "application/json")

    def pypi(self, content: bytes, *, as_html: bool) -> None:
        self.put("/files/tool.whl", content)
        if as_html:
            page = b'<html><a href="../../files/tool.whl#sha256=0">tool.whl</a></html>'
            self.put("/simple/tool/", page, "text/html")
            return
        told = {"files": [{"filename": "tool.whl", "url": "/files/tool.whl", "hashes": {}}]}
        self.put("/simple/tool/", json.dumps(told).encode(), "application/json")


@contextmanager
def serving() -> Iterator[Shelf]:
    shelf = Shelf()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shelf.asked.append(self.path)
            shelf.shown[self.path] = self.headers.get("Authorization")
            status, kind, content = shelf.pages.get(self.path, (404, "text/plain", b"none"))
            if shelf.failing:
                shelf.failing -= 1
                status, kind, content = shelf.refusal, "text/plain", b"busy"
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "0")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """Tests say what went wrong themselves."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shelf.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield shelf
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""Serves the built UI: a fixed table of files, read once, so that no address can lead elsewhere.

An address that is no file is a page of the UI and gets `index.html`. Files under `assets/` carry a
hash of their content in their name and browsers keep them; the rest is asked for each time.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from windmill_lite.api import replies

INDEX = "/index.html"
HASHED = "/assets/"
FOREVER = "public, max-age=31536000, immutable"
ASK_EACH_TIME = "no-cache"
_GZIP_BYTES_MIN = 1_024

#: Fixed, so that an answer does not depend on the files of the machine.
_TEXTUAL: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".map": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".ttf": "font/ttf",
}
_PACKED: Mapping[str, str] = {
    ".woff2": "font/woff2",
    ".woff": "font/woff",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".webp": "image/webp",
}

NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>windmill-lite</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem;
color-scheme:light dark}code{font-family:ui-monospace,monospace}</style>
<h1>windmill-lite is running</h1>
<p>The API answers under <code>/api</code>; its description is at
<a href="/api/openapi.json"><code>/api/openapi.json</code></a>.</p>
<p>The browser UI is not in this build. <code>make ui</code> builds it; then start again.</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file in memory: as it is, and as gzip where that is smaller."""

    plain: bytes
    gzipped: bytes | None
    media: str
    tag: str  # of the content, for If-None-Match
    cache: str


class Ui:
    """The handler of everything outside /api. `root` None: a page says that the UI is not built."""

    def __init__(self, root: Path | None) -> None:
        self._files = _files(root)
        self._assets: dict[str, Asset] = {}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if request.method not in ("GET", "HEAD"):
            return replies.text("Method not allowed: only GET is answered here", 405)
        path = request.path
        if path not in self._files:
            if path.startswith(HASHED):
                return replies.text("Not found: there is no such file", 404)
            path = INDEX
        if path not in self._files:
            return web.Response(
                text=NOT_BUILT, content_type="text/html", headers={"Cache-Control": ASK_EACH_TIME}
            )
        return _reply(request, await self._asset(path))

    async def _asset(self, path: str) -> Asset:
        """Read and packed at first use."""
        if path not in self._assets:
            self._assets[path] = await asyncio.to_thread(_load, path, self._files[path])
        return self._assets[path]


def _files(root: Path | None) -> Mapping[str, Path]:
    if root is None or not (root / INDEX[1:]).is_file():
        return {}
    found = (path for path in root.rglob("*") if path.is_file())
    return {"/" + path.relative_to(root).as_posix(): path for path in found}


def _load(path: str, file: Path) -> Asset:
    plain = file.read_bytes()
    gzipped = None
    if file.suffix in _TEXTUAL and len(plain) >= _GZIP_BYTES_MIN:
        gzipped = gzip.compress(plain, mtime=0)
    return Asset(
        plain,
        gzipped,
        _TEXTUAL.get(file.suffix) or _PACKED.get(file.suffix, "application/octet-stream"),
        f'"{hashlib.sha256(plain).hexdigest()[:20]}"',
        FOREVER if path.startswith(HASHED) else ASK_EACH_TIME,
    )


def _reply(request: web.Request, asset: Asset) -> web.Response:
    headers = {"Cache-Control": asset.cache, "ETag": asset.tag, "Vary": "Accept-Encoding"}
    if asset.tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = asset.media
    if asset.gzipped is not None and "gzip" in request.headers.get("Accept-Encoding", "").lower():
        return web.Response(body=asset.gzipped, headers={**headers, "Content-Encoding": "gzip"})
    return web.Response(body=asset.plain, headers=headers)

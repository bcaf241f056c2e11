"""Asking a registry where a file is."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urljoin, urlsplit

from windmill_lite.base.errors import Unavailable
from windmill_lite.runtimes.packs import indexes, pythons
from windmill_lite.runtimes.packs.catalogue import Artifact, Pack
from windmill_lite.runtimes.packs.fetch import read

_PUBLIC: Final = "registry.npmjs.org"
_SIMPLE: Final = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
_ABBREVIATED: Final = "application/vnd.npm.install-v1+json, application/json;q=0.8"
_LINK: Final = re.compile(r"<a\s[^>]*?href\s*=\s*[\"']([^\"']+)[\"']", re.IGNORECASE)
_PAGE_BYTES_MAX: Final = 32 << 20


@dataclass(frozen=True, slots=True)
class Address:
    """Where to get a file, and the token to show there."""

    url: str
    token: str | None = None


def locate(pack: Pack, artifact: Artifact, env: Mapping[str, str]) -> Address:
    """Fails: `Unavailable` when no registry has the file or none can be reached."""
    if pack.registry == "builds":
        home = env.get("UV_PYTHON_INSTALL_MIRROR") or pythons.HOME
        return Address(f"{home.rstrip('/')}/{pythons.RELEASE}/{quote(artifact.file)}")
    if pack.registry == "npm":
        return _on_npm(pack, artifact, env)
    return _on_pypi(artifact, env)


def _on_npm(pack: Pack, artifact: Artifact, env: Mapping[str, str]) -> Address:
    npm = indexes.npm(artifact.package, env)
    url = npm.registry + artifact.package.replace("/", "%2f")
    page = read(url, accept=_ABBREVIATED, token=npm.token_for(url), bytes_max=_PAGE_BYTES_MAX)
    try:
        found = str(json.loads(page.text)["versions"][pack.version]["dist"]["tarball"])
    except (ValueError, KeyError, TypeError):
        raise Unavailable(f"{npm.registry} has no {artifact.package} {pack.version}") from None
    if urlsplit(found).hostname == _PUBLIC:  # as npm does: a mirror may not rewrite what it shows
        found = urljoin(npm.registry, urlsplit(found).path.lstrip("/"))
    return Address(found, npm.token_for(found))


def _on_pypi(artifact: Artifact, env: Mapping[str, str]) -> Address:
    tried: list[str] = []
    for index in indexes.pypi(env):
        try:
            page = read(
                f"{index}{quote(artifact.package)}/", accept=_SIMPLE, bytes_max=_PAGE_BYTES_MAX
            )
        except Unavailable as refusal:
            tried.append(refusal.message)
            continue
        found = _links(page.text, page.url).get(artifact.file)
        if found is not None:
            return Address(found)
        tried.append(f"{index} has no {artifact.file}")
    raise Unavailable("; ".join(tried) or "no package index is set")


def _links(text: str, base: str) -> dict[str, str]:
    """File name to address, of a page in either form of the simple API."""
    try:
        files = json.loads(text)["files"]
        return {file["filename"]: urljoin(base, file["url"]) for file in files}
    except (ValueError, KeyError, TypeError):
        hrefs = [html.unescape(found).partition("#")[0] for found in _LINK.findall(text)]
        return {
            unquote(urlsplit(href).path).rpartition("/")[2]: urljoin(base, href) for href in hrefs
        }

"""Collects the licences of what the executable contains, into one text.

Python packages come from the distributions installed here, as far as `windmill-lite` needs them;
JavaScript packages from `bundled_ui/node_modules`, as far as they are dependencies and not tools.
"""

from __future__ import annotations

import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = "windmill-lite"
_LICENCE_FILE = re.compile(r"(licen[cs]e|copying|notice)", re.IGNORECASE)
_BUN = """\
Bun itself is under the MIT licence. It is linked with JavaScriptCore and parts of WebCore, which
are under the LGPL-2.0: their source, as bun uses it, is at https://github.com/oven-sh/WebKit, and
https://bun.com/docs/project/license tells how to link bun with another one, and names the
licences of everything else in it. The program is the unchanged one of the npm registry; another
may take its place in <data-dir>/runtimes/bun.
"""
#: The licence, and what the archive of the pack does not say.
_OF_PACKS = {"uv": ("MIT OR Apache-2.0", ""), "bun": ("MIT, with parts under LGPL-2.0", _BUN)}
_RULE = "=" * 80


@dataclass(frozen=True, slots=True, order=True)
class Notice:
    """One package and what it asks us to say."""

    name: str
    version: str
    licence: str
    text: str


def python_notices() -> list[Notice]:
    """The packages that the product requires, and what they require, each once."""
    found: dict[str, Notice] = {}
    todo = _requirements(metadata.distribution(PRODUCT))
    while todo:
        name = _normal(todo.pop())
        if name in found:
            continue
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # required on another platform
        found[name] = _python_notice(name, distribution)
        todo += _requirements(distribution)
    return sorted(found.values())


def _requirements(distribution: metadata.Distribution) -> list[str]:
    """The names of what it needs without its extras."""
    return [_name_of(r) for r in distribution.requires or [] if "extra ==" not in r]


def _python_notice(name: str, distribution: metadata.Distribution) -> Notice:
    about = distribution.metadata.json
    stated = about.get("license_expression") or about.get("license") or _classified(distribution)
    licence = str(stated)
    files = [f for f in distribution.files or [] if _LICENCE_FILE.search(Path(str(f)).name)]
    texts = [f.read_text() for f in files if not str(f).endswith(".py")]
    first_line = licence.strip().splitlines()[0] if licence.strip() else "see below"
    return Notice(name, distribution.version, first_line, "\n\n".join(texts))


def _classified(distribution: metadata.Distribution) -> str:
    kinds = distribution.metadata.get_all("Classifier") or []
    return ", ".join(k.split(" :: ")[-1] for k in kinds if k.startswith("License"))


def javascript_notices(ui: Path) -> list[Notice]:
    """The packages of the lock file that are not marked as development tools."""
    lock = json.loads((ui / "package-lock.json").read_text(encoding="utf-8"))
    found = {
        _javascript_notice(ui / place, package)
        for place, package in lock["packages"].items()
        if place and not package.get("dev") and (ui / place).is_dir()
    }
    return sorted(found)


def _javascript_notice(folder: Path, package: dict[str, str]) -> Notice:
    name = folder.as_posix().rpartition("node_modules/")[2]
    texts = [
        path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(folder.iterdir())
        if path.is_file() and _LICENCE_FILE.match(path.name)
    ]
    licence = package.get("license", "see below")
    return Notice(name, package["version"], licence, "\n\n".join(texts))


def interpreter_notice() -> Notice:
    """Python itself travels in the executable."""
    version = ".".join(map(str, sys.version_info[:3]))
    return Notice("python", version, "PSF-2.0", sys.copyright)


def pack_notice(name: str, version: str, archive: Path) -> Notice:
    """A pack in the executable: what is said here, and the licences in its archive."""
    licence, text = _OF_PACKS[name]
    texts = [text] if text else []
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            found = sorted(filter(_is_licence, opened.namelist()))
            texts += [opened.read(member).decode(errors="replace") for member in found]
    else:
        with tarfile.open(archive) as tar:
            for member in sorted(filter(_is_licence, tar.getnames())):
                content = tar.extractfile(member)
                texts += [content.read().decode(errors="replace")] if content else []
    return Notice(name, version, licence, "\n\n".join(texts))


def _is_licence(member: str) -> bool:
    return _LICENCE_FILE.search(Path(member).name) is not None


def render(notices: list[Notice]) -> str:
    """The whole text, packages in the order of their names."""
    return "\n".join(["windmill-lite contains the following software.", "", *_sections(notices)])


def _sections(notices: list[Notice]) -> Iterator[str]:
    for notice in notices:
        yield _RULE
        yield f"{notice.name} {notice.version} ({notice.licence})"
        yield _RULE
        yield notice.text.strip() or "The package carries no licence text."
        yield ""


def collect() -> list[Notice]:
    return [interpreter_notice(), *python_notices(), *javascript_notices(ROOT / "bundled_ui")]


def _name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, f"a requirement begins with a name: {requirement!r}"
    return found[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    print(render(collect()))

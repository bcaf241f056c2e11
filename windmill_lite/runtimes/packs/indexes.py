"""Where this environment gets its packages from: what npm, pip and uv would ask.

Read are npm's `registry` (of the environment, ~/.npmrc, /etc/npmrc; one of a scope first) with its
tokens, and the indexes of pip and uv (of the environment, pip's files). Without any of them the
public registries are asked.
"""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_NPM: Final = "https://registry.npmjs.org/"
_PYPI: Final = "https://pypi.org/simple/"
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
_UV: Final = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL")
_PIP: Final = ("index-url", "extra-index-url")


@dataclass(frozen=True, slots=True)
class Npm:
    """`tokens` are sent to addresses below their own, which begin with `//`, and nowhere else."""

    registry: str
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)

    def token_for(self, url: str) -> str | None:
        below = url.partition(":")[2]
        found = [prefix for prefix in self.tokens if below.startswith(prefix)]
        return self.tokens[max(found, key=len)] if found else None


def npm(package: str, env: Mapping[str, str]) -> Npm:
    """The registry of a package."""
    told = dict(_npmrc(Path("/etc/npmrc"), env))
    told |= dict(_npmrc(_user_file(env), env))
    names = {name.lower(): value for name, value in env.items() if value}
    registry = names.get("npm_config_registry") or told.get("registry") or _NPM
    if package.startswith("@"):
        registry = told.get(f"{package.partition('/')[0]}:registry", registry)
    suffix = ":_authToken"
    tokens = {k.removesuffix(suffix): v for k, v in told.items() if k.endswith(suffix)}
    return Npm(registry.rstrip("/") + "/", tokens)


def npmrc(env: Mapping[str, str]) -> str:
    """A file that tells the same to another program: registries and tokens, nothing else."""
    return "".join(f"{name}={value}\n" for name, value in _told(env).items())


def registries(env: Mapping[str, str]) -> list[str]:
    """The one of all packages, and those of scopes."""
    told = _told(env)
    return [value for name, value in told.items() if not name.endswith(":_authToken")]


def _told(env: Mapping[str, str]) -> dict[str, str]:
    told = dict(_npmrc(Path("/etc/npmrc"), env)) | dict(_npmrc(_user_file(env), env))
    kept = {k: v for k, v in told.items() if k.endswith((":registry", ":_authToken"))}
    return {"registry": npm("", env).registry} | kept


def pypi(env: Mapping[str, str]) -> list[str]:
    """The indexes to ask, one after the other; each answers to `<index>/<package>/`."""
    words = [word for name in _UV for word in env.get(name, "").split()]
    words = [word.partition("=")[2] if re.match(r"\w+=", word) else word for word in words]
    told = _pip_files(env)
    for option in _PIP:
        named = env.get("PIP_" + option.upper().replace("-", "_"), told.get(option, ""))
        words += named.split()
    if not any(env.get(name) for name in (*_UV[:2], "PIP_INDEX_URL")) and "index-url" not in told:
        words.append(_PYPI)
    return list(dict.fromkeys(word.rstrip("/") + "/" for word in words))


def _user_file(env: Mapping[str, str]) -> Path:
    user = env.get("npm_config_userconfig") or env.get("NPM_CONFIG_USERCONFIG")
    return Path(user) if user else _home(env) / ".npmrc"


def _npmrc(file: Path, env: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    try:
        lines = file.read_text(errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        name, equals, value = line.partition("=")
        if equals and not line.lstrip().startswith(("#", ";")):
            plain = _VARIABLE.sub(lambda found: env.get(found[1], found[0]), value.strip())
            yield name.strip(), plain.strip("\"'")


def _pip_files(env: Mapping[str, str]) -> dict[str, str]:
    """pip's options, of its files in the order in which it reads them; the last one wins."""
    config = env.get("XDG_CONFIG_HOME", "") or str(_home(env) / ".config")
    files = [Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf"), _home(env) / ".pip/pip.conf"]
    files.append(Path(config) / "pip" / "pip.conf")
    if env.get("PIP_CONFIG_FILE"):
        files.append(Path(env["PIP_CONFIG_FILE"]))
    if env.get("PIP_CONFIG_FILE") == os.devnull:
        files = []
    found: dict[str, str] = {}
    for file in files:
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(file.read_text(errors="replace"))
        except (OSError, configparser.Error):
            continue
        for section in ("global", "install"):
            if parser.has_section(section):
                found |= {k.replace("_", "-"): v for k, v in parser.items(section)}
    return found


def _home(env: Mapping[str, str]) -> Path:
    return Path(env.get("HOME") or "/")

"""Settings: each declared once, with its flag, its environment variable, its default and its words.

`OPTIONS` is what the command line is made of and what the documentation is checked against; a
setting that is not in it does not exist.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Literal

from windmill_lite.base.address import Address
from windmill_lite.base.errors import Invalid
from windmill_lite.base.logsetup import LogFormat
from windmill_lite.base.sealed import Key

Role = Literal["api", "scheduler", "worker"]
ROLES: tuple[Role, ...] = ("api", "scheduler", "worker")
SANDBOXES = ("namespaces", "landlock", "process")  # strongest first
INSTALLS = ("auto", "never")
LOG_LEVELS = ("debug", "info", "warning", "error")
DEFAULT_LISTEN = "127.0.0.1:8000"
DEFAULT_TAGS = (
    *("flow", "python3", "bash", "bun", "nativets", "deno", "go", "php"),
    *("postgresql", "mysql", "sqlite", "duckdb"),
)


@dataclass(frozen=True, slots=True)
class Option:
    """One setting, said by a flag or an environment variable that are called like it. What is
    `secret` has no flag, since a command line can be read by all.
    """

    name: str
    help: str
    default: str | None = None
    _: KW_ONLY
    variable: str | None = None  # its own name for it
    secret: bool = False
    multiple: bool = False

    @property
    def env(self) -> str:
        return self.variable or f"WINDMILL_LITE_{self.name.upper()}"

    @property
    def flag(self) -> str | None:
        return None if self.secret else "--" + self.name.replace("_", "-")


OPTIONS = (
    Option(
        "role",
        "What this process does: all, or api, scheduler, worker; repeat it or separate by commas.",
        "all",
        multiple=True,
    ),
    Option(
        "database",
        "sqlite:///path, or postgresql://user:password@host/name. "
        "Default: a SQLite file in the data directory.",
        variable="DATABASE_URL",
    ),
    Option("data_dir", "Where this machine's files live.", "~/.local/share/windmill-lite"),
    Option(
        "listen",
        "The address the API listens on, host:port; port 0 takes a free one.",
        DEFAULT_LISTEN,
    ),
    Option(
        "base_url",
        "How people and other machines reach the API. Default: http:// and what it listens on.",
    ),
    Option(
        "workers",
        "How many jobs this process runs at once. Default: the number of processors, at least 2.",
    ),
    Option(
        "tags",
        "Which tags this worker takes jobs of, separated by commas.",
        ", ".join(DEFAULT_TAGS),
    ),
    Option(
        "worker_name",
        "What this worker is called in lists. Default: the name of the machine and a number.",
    ),
    Option("log_format", "text for people, json for machines.", "text"),
    Option(
        "log_level",
        "The least important message that is logged: debug, info, warning or error.",
        "info",
    ),
    Option(
        "drain",
        "How many seconds a stop waits for running jobs before it hands them back to the queue.",
        "20",
    ),
    Option(
        "lease",
        "How many seconds a worker may be silent before its jobs run elsewhere. "
        "The same on every node.",
        "60",
    ),
    Option(
        "retention_days",
        "For how many days completed runs are kept, where a workspace does not say otherwise; 0 is "
        "for ever. The same on every node.",
        "30",
    ),
    Option(
        "max_disk",
        "How much the database may hold, like 20GB: then the oldest runs go early, and when that "
        "is not enough new jobs are refused. The same on every node. Default: no limit.",
    ),
    Option(
        "max_cache",
        "How much this machine keeps of packages and compiled programs that jobs may use again, "
        "like 20GB; what was used last the longest ago goes.",
        "4GB",
    ),
    Option(
        "warm_sets",
        "How many sets of Python packages are kept imported at most, for scripts that run often; "
        "each holds some 50 to 200 MB of memory. 0: none.",
        "4",
    ),
    Option(
        "min_sandbox",
        "The weakest sandbox in which jobs may run: namespaces, landlock or process. "
        "'process' lets jobs reach whatever this user can: for trusted users only.",
        "landlock",
    ),
    Option(
        "job_network",
        "Which network this worker's jobs get, and no script more: host, none, or a comma list of "
        "the only places, host:port. A list needs the sandbox namespaces.",
        "host",
    ),
    Option(
        "hub_url",
        "The hub that hub/... paths come from: any server with Windmill's "
        "/api/scripts/hub/get_full, like another windmill-lite. Default: none.",
    ),
    Option("hub_token", "A token for the hub, if it asks for one.", secret=True),
    Option(
        "install_runtimes",
        "Whether a worker fetches a missing runtime when a job needs it: auto or never.",
        "auto",
    ),
    Option(
        "secret_key_file",
        "The file with the key that secrets are sealed with: 32 bytes in hex or base64, the same "
        "on every node. Default with SQLite: secret.key in the data directory, made with the "
        "first secret.",
    ),
    Option("secret_key", "The key itself, instead of --secret-key-file.", secret=True),
    Option(
        "admin_email",
        "With the password below: the first admin, made when there is no account yet.",
        secret=True,
    ),
    Option("admin_password", "The first admin's password.", secret=True),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a process is told from outside, checked."""

    roles: tuple[Role, ...]
    database: str | None
    data_dir: Path
    listen: Address
    base_url: str | None
    slots: int
    tags: tuple[str, ...]
    worker_name: str
    log_format: LogFormat
    log_level: str
    drain_s: float
    lease_s: float
    retention_days: int
    max_disk_bytes: int | None
    min_sandbox: str
    install_runtimes: bool
    max_cache_bytes: int
    warm_sets: int
    admin_email: str | None
    admin_password: str | None
    job_network: str | tuple[str, ...] = "host"
    hub_url: str | None = None
    hub_token: str | None = field(default=None, repr=False)
    secret_key: Key | None = field(default=None, repr=False)  # None: the one in the data directory

    def is_sqlite(self) -> bool:
        return not self.database or self.database.startswith("sqlite:")


def parse_roles(words: tuple[str, ...]) -> tuple[Role, ...]:
    """`("api,worker",)` and `("api", "worker")` are the same; in the order of `ROLES`."""
    wanted = {part.strip() for word in words for part in word.split(",") if part.strip()}
    if not wanted or "all" in wanted:
        return ROLES
    unknown = wanted.difference(ROLES)
    if unknown:
        raise Invalid(f"role {min(unknown)!r} is none of all, {', '.join(ROLES)}", field="role")
    return tuple(role for role in ROLES if role in wanted)


def parse_tags(text: str) -> tuple[str, ...]:
    tags = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    bad = [tag for tag in tags if len(tag) > 50 or not re.fullmatch(r"[\w.:/-]+", tag)]
    if not tags or bad:
        raise Invalid(f"tags {text!r} is not a list of words separated by commas", field="tags")
    return tags


def parse_choice(text: str, choices: tuple[str, ...], *, field: str) -> str:
    if text not in choices:
        raise Invalid(f"{field} {text!r} is none of {', '.join(choices)}", field=field)
    return text


def parse_name(text: str | None) -> str:
    """A worker's name: one short printable line; without one, the machine's and our number."""
    name = (text or "").strip() or default_worker_name()
    if len(name) > 100 or not name.isprintable():
        raise Invalid(f"worker name {name!r} is not a short line", field="worker_name")
    return name


def default_of(name: str) -> str:
    """What a setting is when nobody says anything."""
    return next(option.default or "" for option in OPTIONS if option.name == name)


def environment() -> Mapping[str, str]:
    return os.environ


def processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def default_worker_name() -> str:
    return f"{socket.gethostname().split('.')[0]}-{os.getpid()}"

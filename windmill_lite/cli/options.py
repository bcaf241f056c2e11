"""The settings of `base/config.py` as command-line options, and back into `Settings`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from windmill_lite.base import address, config, units
from windmill_lite.base.config import OPTIONS, Option, Settings
from windmill_lite.base.errors import Invalid
from windmill_lite.base.keyfile import given_key
from windmill_lite.base.logsetup import LogFormat
from windmill_lite.model import limits
from windmill_lite.model.script import Network
from windmill_lite.model.target import network

F = TypeVar("F", bound=Callable[..., Any])

#: What the administration commands need to find the database.
PLACE = ("database", "data_dir")


def _option(option: Option, *, default: str | None, env: str | None) -> Callable[[F], F]:
    assert option.flag is not None, "an option without a flag is read from the environment"
    return click.option(
        option.flag,
        option.name,
        envvar=env,
        show_envvar=True,
        multiple=option.multiple,
        default=default if not option.multiple else ((default,) if default else None),
        show_default=default is not None,
        help=option.help,
    )


def all_options(command: F) -> F:
    """Every setting that has a flag."""
    for option in reversed(OPTIONS):
        if option.flag is not None:
            command = _option(option, default=option.default, env=option.env)(command)
    return command


def place_options(command: F) -> F:
    """The flags that say where the database is; they win over those before the subcommand.

    The environment is read once, before the subcommand: there it must not win over a flag.
    """
    for option in reversed(OPTIONS):
        if option.name in PLACE:
            command = _option(option, default=None, env=None)(command)
    return command


def settings_at(ctx: click.Context, place: dict[str, Any]) -> Settings:
    """The settings of a subcommand with `place_options`."""
    given = {name: value for name, value in place.items() if value}
    return settings_of(dict(ctx.obj) | given)


def settings_of(values: dict[str, Any]) -> Settings:
    """Checked settings from raw option values.

    Fails: `Invalid`, naming the setting and what it accepts.
    """
    secret = _secrets()
    return Settings(
        roles=config.parse_roles(tuple(values["role"] or ("all",))),
        database=values["database"] or None,
        data_dir=Path(values["data_dir"] or config.default_of("data_dir")).expanduser(),
        listen=address.parse_listen(values["listen"]),
        base_url=address.parse_base_url(values["base_url"]),
        slots=_slots(values["workers"]),
        tags=config.parse_tags(values["tags"]),
        worker_name=config.parse_name(values["worker_name"]),
        log_format=cast("LogFormat", _choice(values, "log_format", ("text", "json"))),
        log_level=_choice(values, "log_level", config.LOG_LEVELS),
        drain_s=units.parse_seconds(values["drain"], field="drain", most=86_400),
        lease_s=units.parse_seconds(
            values["lease"],
            field="lease",
            least=limits.WORKER_LEASE_S_MIN,
            most=limits.WORKER_LEASE_S_MAX,
        ),
        retention_days=units.parse_count(
            values["retention_days"],
            field="retention_days",
            default=limits.RETENTION_DAYS_DEFAULT,
            least=0,
            most=limits.RETENTION_DAYS_MAX,
        ),
        max_disk_bytes=_max_disk(values["max_disk"]),
        min_sandbox=_choice(values, "min_sandbox", config.SANDBOXES),
        job_network=_job_network(values["job_network"]),
        hub_url=address.parse_base_url(values["hub_url"], field="hub_url"),
        hub_token=secret["hub_token"],
        install_runtimes=_choice(values, "install_runtimes", config.INSTALLS) == "auto",
        max_cache_bytes=_max_cache(values["max_cache"]),
        warm_sets=_warm_sets(values["warm_sets"]),
        admin_email=secret["admin_email"],
        admin_password=secret["admin_password"],
        secret_key=given_key(secret["secret_key"], values["secret_key_file"]),
    )


def _secrets() -> dict[str, str | None]:
    """What is said by the environment alone."""
    secret = {o.name: _from_environment(o) for o in OPTIONS if o.flag is None}
    if (secret["admin_email"] is None) != (secret["admin_password"] is None):
        raise Invalid("an admin from the environment needs both an email and a password")
    return secret


def _slots(text: str | None) -> int:
    default = max(2, config.processors())
    return units.parse_count(text, field="workers", default=default, most=limits.WORKER_SLOTS_MAX)


def _job_network(text: str | None) -> Network:
    given = text or config.default_of("job_network")
    if given in ("host", "none"):
        return given
    return network([each.strip() for each in given.split(",") if each.strip()], "job_network")


def _max_cache(text: str | None) -> int:
    given = text or config.default_of("max_cache")
    return units.parse_bytes(given, field="max_cache", least=limits.CACHE_BYTES_MIN)


def _max_disk(text: str | None) -> int | None:
    if not text:
        return None
    return units.parse_bytes(text, field="max_disk", least=limits.ROOM_BYTES_MIN)


def _warm_sets(text: str | None) -> int:
    default = limits.WARM_SETS_DEFAULT
    most = limits.WARM_SETS_MAX
    return units.parse_count(text, field="warm_sets", default=default, least=0, most=most)


def _choice(values: dict[str, Any], name: str, choices: tuple[str, ...]) -> str:
    return config.parse_choice(values[name], choices, field=name)


def _from_environment(option: Option) -> str | None:
    return config.environment().get(option.env) or None


def environment_help() -> str:
    """The settings without a flag, for the end of `--help`."""
    rows = [f"  {option.env}  {option.help}" for option in OPTIONS if option.flag is None]
    return "By environment only:\n\n\b\n" + "\n".join(rows)

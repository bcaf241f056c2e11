"""What may be said to the command line, what it answers, and with which exit code."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from tests.cli._command import Command
from windmill_lite import __version__
from windmill_lite.base.config import OPTIONS, Settings
from windmill_lite.base.errors import Invalid
from windmill_lite.base.sealed import Key
from windmill_lite.cli import serve
from windmill_lite.cli.options import settings_of
from windmill_lite.model import limits


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Settings with which it would have served."""
    found: list[Settings] = []
    monkeypatch.setattr(serve, "serve", lambda values: found.append(settings_of(values)))
    return found


def test_help_names_every_option_with_its_variable_its_words_and_its_default(
    command: Command,
) -> None:
    done = command("--help")
    assert done.code == 0
    shown = " ".join(done.out.split())
    for option in OPTIONS:
        assert option.env in shown
        assert " ".join(option.help.split()) in shown
        if option.flag is not None:
            assert f" {option.flag} " in shown
        if option.flag is not None and option.default is not None:
            assert f"default: {option.default}" in shown
    for name in ("user", "token", "workspace", "doctor", "runtime", "version"):
        assert f"\n  {name} " in done.out


@pytest.mark.parametrize(
    "words",
    [("user",), ("user", "create"), ("token", "create"), ("workspace", "create"), ("doctor",)],
    ids="-".join,
)
def test_every_command_helps(command: Command, words: tuple[str, ...]) -> None:
    done = command(*words, "--help")
    assert done.code == 0
    assert done.out.startswith("Usage: windmill-lite " + " ".join(words))


@pytest.mark.parametrize("words", [("version",), ("--version",)])
def test_it_says_its_version(command: Command, words: tuple[str, ...]) -> None:
    done = command(*words)
    assert done.code == 0
    assert __version__ in done.out


#: Setting, what is said, the field of `Settings`, what becomes of it.
KEY_FILE = str(Path(__file__).with_name("example.key"))

GOOD: list[tuple[str, str, str, Any]] = [
    ("role", "api,worker", "roles", ("api", "worker")),
    ("role", "all", "roles", ("api", "scheduler", "worker")),
    ("database", "sqlite:///x.db", "database", "sqlite:///x.db"),
    ("data_dir", "/srv/w", "data_dir", Path("/srv/w")),
    ("listen", "[::1]:80", "listen", ("::1", 80)),
    ("listen", ":9000", "listen", ("0.0.0.0", 9000)),  # noqa: S104
    ("base_url", "https://w.example.org/", "base_url", "https://w.example.org"),
    ("workers", "7", "slots", 7),
    ("tags", "gpu, big,gpu", "tags", ("gpu", "big")),
    ("worker_name", " w 1 ", "worker_name", "w 1"),
    ("log_format", "json", "log_format", "json"),
    ("log_level", "debug", "log_level", "debug"),
    ("secret_key_file", KEY_FILE, "secret_key", Key(b"\x5e" * 32)),
    ("drain", "1.5", "drain_s", 1.5),
    ("lease", "2", "lease_s", 2.0),
    ("retention_days", "0", "retention_days", 0),
    ("max_disk", "1.5 GiB", "max_disk_bytes", 3 * 2**29),
    ("max_disk", "20gb", "max_disk_bytes", 20_000_000_000),
    ("max_cache", "2GB", "max_cache_bytes", 2_000_000_000),
    ("warm_sets", "0", "warm_sets", 0),
    ("min_sandbox", "process", "min_sandbox", "process"),
    ("hub_url", "https://hub.example.org/", "hub_url", "https://hub.example.org"),
    ("install_runtimes", "never", "install_runtimes", False),
    ("job_network", "none", "job_network", "none"),
]


def _flag(name: str) -> str:
    return next(option.flag or "" for option in OPTIONS if option.name == name)


def _env(name: str) -> str:
    return next(option.env for option in OPTIONS if option.name == name)


def test_the_secret_key_can_be_given_by_its_text_but_not_twice(
    command: Command, served: list[Settings]
) -> None:
    assert command(env={"WINDMILL_LITE_SECRET_KEY": "5e" * 32}).code == 0
    assert served[0].secret_key == Key(b"\x5e" * 32)
    both = command("--secret-key-file", KEY_FILE, env={"WINDMILL_LITE_SECRET_KEY": "5e" * 32})
    assert both.code == 2
    assert "given twice" in both.err
    assert "5e5e" not in both.err


def test_every_setting_with_a_flag_is_tried_here() -> None:
    tried = {name for name, *_ in GOOD}
    assert tried == {option.name for option in OPTIONS if option.flag is not None}


@pytest.mark.parametrize("way", ["flag", "environment"])
@pytest.mark.parametrize(("name", "said", "field", "becomes"), GOOD)
def test_a_setting_can_be_given_as_a_flag_and_as_a_variable(
    command: Command,
    served: list[Settings],
    *,
    way: str,
    name: str,
    said: str,
    field: str,
    becomes: object,
) -> None:
    done = command(_flag(name), said) if way == "flag" else command(env={_env(name): said})
    assert done.code == 0, done.err
    found = getattr(served[0], field)
    assert (dataclasses.astuple(found) if name == "listen" else found) == becomes


def test_a_flag_wins_over_the_environment(command: Command, served: list[Settings]) -> None:
    command("--drain", "3", env={"WINDMILL_LITE_DRAIN": "4"})
    assert served[0].drain_s == 3


def test_without_a_word_everything_runs_on_this_machine(
    command: Command, served: list[Settings]
) -> None:
    assert command().code == 0
    settings = served[0]
    assert settings.roles == ("api", "scheduler", "worker")
    assert (settings.listen.host, settings.listen.port) == ("127.0.0.1", 8000)
    assert settings.is_sqlite()
    assert settings.data_dir == Path("~/.local/share/windmill-lite").expanduser()
    assert settings.lease_s == limits.WORKER_LEASE_S
    assert settings.slots >= 2
    assert settings.admin_email is None


def test_a_role_may_be_repeated(command: Command, served: list[Settings]) -> None:
    command("--role", "worker", "--role", "api")
    assert served[0].roles == ("api", "worker")


BAD: list[tuple[tuple[str, ...], str]] = [
    (("--role", "boss"), "role 'boss' is none of all, api, scheduler, worker"),
    (("--listen", "8000"), "listen '8000' is not host:port"),
    (("--listen", "here:70000"), "is not host:port"),
    (("--listen", "here:\u00b2"), "is not host:port"),
    (("--base-url", "ftp://here"), "is not http(s)://host[:port]"),
    (("--base-url", "http://here:x"), "is not http(s)://host[:port]"),
    (("--base-url", "http://[::1"), "is not http(s)://host[:port]"),
    (("--base-url", "http://me:secret@here"), "is not http(s)://host[:port]"),
    (("--base-url", "http://here/app"), "has a path"),
    (("--workers", "0"), "workers '0' is not a number from 1 to 256"),
    (("--workers", "\u00b2"), "is not a number"),
    (("--workers", "1" * 5000), "is not a number"),
    (("--tags", "a b"), "is not a list of words"),
    (("--tags", ","), "is not a list of words"),
    (("--worker-name", "a\nb"), "is not a short line"),
    (("--log-format", "xml"), "log_format 'xml' is none of text, json"),
    (("--log-level", "loud"), "is none of debug, info, warning, error"),
    (("--drain", "-1"), "drain '-1' is not a number of seconds from 0 to 86400"),
    (("--drain", "nan"), "is not a number of seconds"),
    (("--drain", "inf"), "is not a number of seconds"),
    (("--lease", "1"), "lease '1' is not a number of seconds from 2 to 3600"),
    (("--min-sandbox", "none"), "is none of namespaces, landlock, process"),
    (("--install-runtimes", "yes"), "is none of auto, never"),
    (("--role", "worker"), "a SQLite database belongs to one process"),
    (("--role", "api,worker", "--database", "sqlite:///x.db"), "give --database postgresql://"),
    (("--role", "worker", "--database", "postgresql://h/d"), "role worker needs --base-url"),
    (
        ("--role", "worker,scheduler", "--database", "postgresql://h/d"),
        "role worker needs --base-url",
    ),
    (("--database", "mysql://h/d"), "the database address must be one of sqlite:///"),
    (("--database", "sqlite:///:memory:"), "a database in memory would lose"),
    (("--secret-key-file", "nowhere.key"), "there is no secret key file nowhere.key"),
    (("--secret-key-file", __file__), "is no secret key: 32 random bytes"),
    (("--no-such-flag",), "No such option"),
    (("no-such-command",), "No such command"),
    (("--drain",), "requires an argument"),
]


@pytest.mark.parametrize(("words", "says"), BAD)
def test_what_makes_no_sense_is_refused_with_code_2_before_anything_is_touched(
    command: Command, tmp_path: Path, *, words: tuple[str, ...], says: str
) -> None:
    data = tmp_path / "data"
    done = command("--data-dir", str(data), *words)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert "Traceback" not in done.err
    assert not list(data.glob("*.db"))


@pytest.mark.parametrize("one", ["WINDMILL_LITE_ADMIN_EMAIL", "WINDMILL_LITE_ADMIN_PASSWORD"])
def test_half_an_admin_in_the_environment_is_refused(command: Command, one: str) -> None:
    done = command(env={one: "something"})
    assert done.code == 2
    assert "needs both an email and a password" in done.err


def test_a_database_flag_after_the_command_wins_over_one_before_and_over_the_environment(
    command: Command, tmp_path: Path
) -> None:
    def url(name: str) -> str:
        return f"sqlite:///{tmp_path / name}.db"

    env = {"DATABASE_URL": url("environment"), "WINDMILL_LITE_DATA_DIR": str(tmp_path / "data")}
    said = ("--database", url("before"), "user", "list")
    assert command(*said, "--database", url("after"), env=env).code == 0
    assert command(*said, env=env).code == 0
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["after.db", "before.db"]
    assert command("user", "list", env=env).code == 0
    assert (tmp_path / "environment.db").exists()


def test_a_data_directory_that_cannot_be_made_is_unavailable(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    done = command("user", "list", "--data-dir", str(tmp_path / "file" / "below"))
    assert done.code == 6
    assert "the data directory" in done.err
    assert "cannot be made" in done.err


def test_settings_are_checked_where_they_are_made() -> None:
    with pytest.raises(Invalid) as refused:
        settings_of({option.name: option.default for option in OPTIONS} | {"role": ("x",)})
    assert refused.value.field == "role"

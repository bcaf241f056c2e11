"""Administration without a browser, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.cli._command import Command, Done
from windmill_lite.base.clock import SystemClock
from windmill_lite.engine import accounts, login, workspaces
from windmill_lite.engine.world import World, open_world
from windmill_lite.store.db.connect import connect

PASSWORD = "correct horse battery"

T = TypeVar("T")


@pytest.fixture
def place(db_url: str, tmp_path: Path) -> tuple[str, ...]:
    """The flags that lead to the test's database."""
    return ("--database", db_url, "--data-dir", str(tmp_path / "data"))


@pytest.fixture
def create(command: Command, place: tuple[str, ...]) -> Callable[..., Done]:
    """`create("ada@here.test", "--superadmin")` makes an account."""

    def run(email: str, *more: str, password: str = PASSWORD) -> Done:
        words = ("user", "create", email, "--password-stdin", *more, *place)
        return command(*words, stdin=f"{password}\n")

    return run


@pytest.fixture
def look(db_url: str) -> Callable[[Callable[[World], Awaitable[T]]], T]:
    """Runs a verb of the engine over the same database."""

    def run(verb: Callable[[World], Awaitable[T]]) -> T:
        async def main() -> T:
            db = connect(db_url, Path())
            await db.open()
            try:
                return await verb(await open_world(db, SystemClock(), "http://here.test"))
            finally:
                await db.close()

        return asyncio.run(main())

    return run


Look = Callable[[Callable[[World], Awaitable[T]]], T]


@pytest.fixture
def ada(look: Look[None]) -> None:
    """She is there already, and so is `main`; without a password, whose hash takes time."""

    async def make(world: World) -> None:
        email = "ada@here.test"
        await accounts.make_account(world, email=email, password=None, name=None, super_admin=True)
        await workspaces.make(world, id="main", name="Main", owner=email, username=None)

    look(make)


def test_the_first_superadmin_also_gets_a_workspace_and_can_log_in(
    create: Callable[..., Done], command: Command, place: tuple[str, ...], look: Look[str]
) -> None:
    done = create("Ada@Here.test", "--superadmin", "--name", "Ada")
    assert (done.code, done.out) == (0, "made the account Ada@Here.test\n")
    listed = command("user", "list", *place).lines
    assert [line.split("\t")[:3] for line in listed] == [["ada@here.test", "Ada", "superadmin"]]
    assert command("workspace", "list", *place).lines == ["main\tMain\tada@here.test"]
    enter = look(lambda world: login.log_in(world, "ada@here.test", PASSWORD, address="here"))
    assert enter, "the answer is a session"


@pytest.mark.usefixtures("ada")
def test_an_account_can_be_a_member_of_a_workspace_from_the_start(
    create: Callable[..., Done], look: Look[list[str]]
) -> None:
    assert create("bob@here.test", "--workspace", "main", "--admin").code == 0

    async def members(world: World) -> list[str]:
        bob = await login.authenticate(
            world, await login.log_in(world, "bob@here.test", PASSWORD, address="here")
        )
        scope = await login.enter(world, bob, "main")
        found = await workspaces.members(world, scope)
        return [f"{member.username} {member.is_admin}" for member in found]

    assert sorted(look(members)) == ["ada True", "bob True"]


def test_the_first_superadmin_can_be_put_into_its_own_workspace_by_name(
    create: Callable[..., Done],
) -> None:
    assert create("ada@here.test", "--superadmin", "--workspace", "main").code == 0


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize(
    ("email", "more", "password", "code", "says"),
    [
        ("bob@here.test", (), "short", 2, "password"),
        ("bob@here.test", (), "", 2, "password"),
        ("no-address", (), PASSWORD, 2, "email"),
        ("ada@here.test", (), PASSWORD, 5, "the account ada@here.test exists already"),
        ("ada@here.test", ("--superadmin",), PASSWORD, 5, "exists already"),
        ("bob@here.test", ("--workspace", "none"), PASSWORD, 4, "workspace none does not exist"),
        ("bob@here.test", ("--admin",), PASSWORD, 2, "name it with --workspace"),
    ],
)
def test_an_account_that_cannot_be_is_refused_in_a_line_and_is_not_made(
    create: Callable[..., Done],
    command: Command,
    place: tuple[str, ...],
    *,
    email: str,
    more: tuple[str, ...],
    password: str,
    code: int,
    says: str,
) -> None:
    done = create(email, *more, password=password)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("windmill-lite: ")
    assert says in done.err
    assert done.err.count("\n") == 1
    assert len(command("user", "list", *place).lines) == 1


@pytest.mark.usefixtures("ada")
def test_a_token_is_printed_once_and_opens_the_door(
    create: Callable[..., Done], command: Command, place: tuple[str, ...], look: Look[str]
) -> None:
    words = ("token", "create", "Ada@here.test", "--label", "ci", "--days", "7")
    done = command(*words, "--workspace", "main", "--scope", "jobs:run", "--read-only", *place)
    assert done.code == 0, done.err
    token = done.out.strip()

    async def email(world: World) -> str:
        found = await login.authenticate(world, token)
        assert (found.workspace, found.read_only, found.scopes) == ("main", True, ("jobs:run",))
        return found.email

    assert look(email) == "ada@here.test"


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("eve@here.test",), 4, "the account eve@here.test does not exist"),
        (("ada@here.test", "--workspace", "none"), 4, "workspace none does not exist"),
        (("ada@here.test", "--days", "0"), 2, "--days"),
        ((), 2, "EMAIL"),
    ],
)
def test_a_token_that_cannot_be_is_refused(
    create: Callable[..., Done],
    command: Command,
    place: tuple[str, ...],
    *,
    words: tuple[str, ...],
    code: int,
    says: str,
) -> None:
    done = command("token", "create", *words, *place)
    assert (done.code, done.out) == (code, "")
    assert says in done.err


@pytest.mark.usefixtures("ada")
def test_a_workspace_is_made_for_its_owner(
    create: Callable[..., Done], command: Command, place: tuple[str, ...]
) -> None:
    words = ("workspace", "create", "lab", "--owner", "ada@here.test")
    done = command(*words, "--name", "The lab", "--username", "ada_l", *place)
    assert (done.code, done.out) == (0, "made the workspace lab\n")
    listed = command("workspace", "list", *place).lines
    assert listed == ["lab\tThe lab\tada@here.test", "main\tMain\tada@here.test"]
    again = command(*words, *place)
    assert (again.code, again.out) == (5, "")
    assert "workspace lab exists already" in again.err


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("Not An Id", "--owner", "ada@here.test"), 2),
        (("lab", "--owner", "eve@here.test"), 4),
        (("lab",), 2),
    ],
)
def test_a_workspace_that_cannot_be_is_refused(
    create: Callable[..., Done],
    command: Command,
    place: tuple[str, ...],
    *,
    words: tuple[str, ...],
    code: int,
) -> None:
    assert command("workspace", "create", *words, *place).code == code


def test_every_account_is_listed_however_many_there_are(
    command: Command, place: tuple[str, ...], look: Look[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["ada", "bob", "cyd", "dan"]

    async def make(world: World) -> None:
        for name in names:
            email = f"{name}@here.test"
            await accounts.make_account(
                world, email=email, password=None, name=None, super_admin=False
            )

    look(make)
    monkeypatch.setattr("windmill_lite.cli.people.PAGE_SIZE_MAX", 2)
    listed = command("user", "list", *place).lines
    assert sorted(line.split("@")[0] for line in listed) == names

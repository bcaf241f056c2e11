"""A server and a browser for the journeys.

The browser is closed whenever tests of another folder come between: while it is open the thread
cannot run an event loop, and they need one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e._browser import browsing
from tests.e2e._person import Person, at_browser
from tests.e2e._server import Server, serving

HERE = Path(__file__).parent

Arrive = Callable[..., Person]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is marked, so that no module can forget to be."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with its admin for the whole run; every test uses paths of its own."""
    with serving(tmp_path_factory.mktemp("server"), with_admin=True) as server:
        yield server


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Server]:
    """A server that nobody has used: no account, no script, a setup link."""
    with serving(tmp_path / "data", with_admin=False) as server:
        yield server


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture
def arrive(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Arrive]:
    """`arrive(server, ...)`: somebody comes, with a window of their own. When they leave, no page
    may have had anything to complain of; of a failed test's pages there is a picture.
    """
    with ExitStack() as leaving:
        people: list[Person] = []

        def arrive(server: Server, **how: Any) -> Person:
            person = leaving.enter_context(at_browser(browser, server, **how))
            people.append(person)
            return person

        yield arrive
        if request.node.stash.get(_FAILED, False):
            _show(people, tmp_path)
        faults = [fault for person in people for fault in person.watch.verdict()]
    assert not faults, "\n".join(faults)


@pytest.fixture
def admin(arrive: Arrive, server: Server) -> Person:
    """The admin, logged in, at a desk."""
    return arrive(server)


@pytest.fixture
def stranger(arrive: Arrive, server: Server) -> Person:
    """Somebody whom the server does not know."""
    return arrive(replace(server, token=""))


_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


def _show(people: list[Person], folder: Path) -> None:
    for number, person in enumerate(people):
        picture = folder / f"page{number}.png"
        person.page.screenshot(path=picture)
        print(f"{person.page.url} looked like {picture}")  # noqa: T201  pytest shows it

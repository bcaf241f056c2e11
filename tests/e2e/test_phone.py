"""The same work at 390 px."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e._person import PHONE, Person
from tests.e2e._scripts import GREETING
from tests.e2e._server import Server
from tests.e2e.conftest import Arrive


def fits(person: Person) -> None:
    """Nothing sticks out to the right."""
    width = person.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], f"{person.page.url} is {width} px wide"


def test_on_a_phone_one_navigates_by_the_drawer(arrive: Arrive, server: Server) -> None:
    person = arrive(server, screen=PHONE)
    person.opens("/")
    fits(person)
    expect(person.page.get_by_role("navigation", name="Main")).to_be_hidden()
    person.clicks("Menu")
    drawer = person.dialog("windmill-lite")
    drawer.get_by_role("link", name="Runs").click()
    person.is_at("/runs")
    expect(drawer).to_be_hidden()
    fits(person)


def test_on_a_phone_a_script_is_written_run_and_its_run_read(
    arrive: Arrive, server: Server
) -> None:
    person = arrive(server, screen=PHONE)
    person.opens("/scripts/add")
    person.writes(GREETING)
    fits(person)
    person.page.get_by_role("radio", name="Run").check(force=True)
    person.fills("name", "Grace")
    person.clicks("Run")
    expect(person.region("Run")).to_contain_text("Hello Grace")
    fits(person)

    person.follows("Open the run")
    expect(person.region("Result")).to_contain_text("Hello Grace")
    fits(person)

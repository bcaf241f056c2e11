"""From the printed link to an empty home."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e._server import EMAIL, NAME, PASSWORD, Server
from tests.e2e.conftest import Arrive


def test_the_first_admin_comes_through_the_printed_link(
    arrive: Arrive, fresh_server: Server
) -> None:
    person = arrive(fresh_server)
    person.opens("/login")
    person.sees("This server has no user yet")

    person.page.goto(fresh_server.setup_link)
    person.fills("Name", NAME)
    person.fills("Email", EMAIL)
    person.fills("Password", "12345")
    person.clicks("Create the account")
    expect(person.page.get_by_role("alert")).to_contain_text("7 more characters")

    person.fills("Password", PASSWORD)
    person.clicks("Create the account")
    person.is_at("/")
    person.sees_title("Home")
    person.sees("No scripts yet")
    person.sees(NAME)


def test_a_spent_link_says_what_to_do(arrive: Arrive, fresh_server: Server) -> None:
    token = fresh_server.setup_link.partition("token=")[2]
    account = {"token": token, "email": EMAIL, "password": PASSWORD}
    fresh_server.api("POST", "/auth/setup", account)

    late = arrive(fresh_server)
    late.page.goto(fresh_server.setup_link)
    late.sees("This link no longer works")
    late.follows("Log in")
    late.is_at("/login")
    late.logs_in()
    late.sees_title("Home")

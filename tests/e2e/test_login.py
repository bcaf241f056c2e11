"""Who may come in, and where they arrive."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e._person import Person
from tests.e2e._server import EMAIL, PASSWORD


def test_a_deep_link_survives_a_wrong_password(stranger: Person) -> None:
    stranger.provokes(401, "/users/whoami")
    stranger.opens("/runs?status=failure")
    stranger.is_at("/login?next=%2Fruns%3Fstatus%3Dfailure")
    stranger.sees("Log in to go on to your page.")

    stranger.provokes(401, "/auth/login")
    stranger.logs_in(password="a guess of mine")
    stranger.sees("That email and password do not belong together.")

    stranger.logs_in()
    stranger.is_at("/runs?status=failure")
    stranger.sees_title("Runs")


def test_logging_out_ends_the_session_here_and_on_the_server(stranger: Person) -> None:
    stranger.opens("/login")
    stranger.logs_in()
    stranger.sees_title("Home")
    stranger.chooses_from("ada account", "Log out")
    stranger.is_at("/login")

    stranger.provokes(401, "/users/whoami")
    stranger.opens("/runs")
    stranger.is_at("/login?next=%2Fruns")


def test_the_keyboard_alone_logs_in_and_skips_the_navigation(stranger: Person) -> None:
    stranger.opens("/login")
    expect(stranger.field("Email")).to_be_focused()
    stranger.types(EMAIL)
    stranger.presses("Tab")
    stranger.types(PASSWORD)
    stranger.presses("Tab")
    expect(stranger.button("Show the password")).to_be_focused()
    stranger.presses("Tab")
    stranger.presses("Enter")
    stranger.sees_title("Home")

    stranger.presses("Tab")
    expect(stranger.link("Skip to content")).to_be_focused()
    stranger.presses("Enter")
    stranger.presses("Tab")
    expect(stranger.link("New script")).to_be_focused()
    stranger.presses("Enter")
    stranger.is_at("/scripts/add")

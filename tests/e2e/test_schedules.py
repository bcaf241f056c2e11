"""From a schedule that is being written to ticks that ran, ticks that did not, and its end."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e._person import PHONE, Person
from tests.e2e._scripts import PATIENT, let_go
from tests.e2e._server import Server
from tests.e2e.conftest import Arrive
from tests.e2e.test_access import approves
from tests.e2e.test_phone import fits

SCRIPT, PATH, SIGNAL = "u/ada/ticking", "u/ada/every_second", "u/ada/signal_ticking"


def test_a_schedule_is_written_fires_waits_for_its_run_and_goes(admin: Person) -> None:
    admin.server.deploy(SCRIPT, PATIENT)
    admin.opens("/schedules")
    _writes_it(admin)
    _looks_at_its_ticks(admin)

    admin.page.get_by_role("checkbox", name=f"Disable {PATH}").uncheck()
    expect(admin.page.get_by_role("checkbox", name=f"Enable {PATH}")).not_to_be_checked()
    let_go(admin.server, SIGNAL)
    admin.chooses_from(f"More for {PATH}", "Run now")
    expect(admin.region("Result")).to_contain_text("it came")
    admin.region("Details").get_by_role("link", name=PATH).click()
    expect(admin.dialog("Edit the schedule")).to_be_visible()
    admin.presses("Escape")
    approves(admin)

    admin.chooses_from(f"More for {PATH}", "Its runs")
    expect(admin.link(SCRIPT).first).to_be_visible()
    admin.page.go_back()
    admin.chooses_from(f"More for {PATH}", "Delete")
    question = admin.dialog("Delete this schedule?")
    question.get_by_role("button", name="Delete").click()
    admin.sees(f"Deleted {PATH}")
    assert admin.server.in_workspace("GET", f"/schedules/exists/{PATH}") is False


def _writes_it(admin: Person) -> None:
    """With every mistake that one can make on the way."""
    admin.clicks("New schedule")
    drawer = admin.dialog("New schedule")
    fires = admin.region("Next fires").get_by_role("listitem")
    expect(fires).to_have_count(5)
    admin.provokes(400, "/schedules/preview")
    admin.fills("When", "0 0 25 * * *")
    expect(drawer.get_by_role("alert")).to_contain_text("25")
    admin.fills("When", "* * * * * *")
    expect(fires).to_have_count(5)
    admin.fills("Path", PATH)
    drawer.get_by_label("Script").select_option(SCRIPT)
    drawer.get_by_label("Skip a tick while an earlier run has not ended").check()
    drawer.get_by_role("button", name="Save").click()
    expect(drawer.get_by_role("alert")).to_contain_text("is required")
    admin.fills("signal", SIGNAL)
    approves(admin)
    drawer.get_by_role("button", name="Save").click()
    admin.sees(f"Saved {PATH}")


def _looks_at_its_ticks(admin: Person) -> None:
    """One of them runs and the next ones are skipped for it."""
    admin.page.get_by_role("row").get_by_role("button", name=PATH, exact=True).click()
    admin.is_at(f"/schedules?open={PATH.replace('/', '%2F')}")
    ticks = admin.region("Last ticks")
    expect(ticks).to_contain_text("overlap")
    expect(ticks).to_contain_text(re.compile("earlier|still"))
    approves(admin)
    admin.dialog("Edit the schedule").get_by_role("button", name="Close").first.click()
    admin.is_at("/schedules")


def test_a_phone_shows_the_schedules_and_who_works_and_how_long_runs_are_kept(
    arrive: Arrive, server: Server
) -> None:
    person = arrive(server, screen=PHONE)
    for address in ("/schedules", "/workers", "/settings"):
        person.opens(address)
        person.sees_title(address[1:].capitalize())
        expect(person.page.locator("main .skeleton")).to_have_count(0)
        fits(person)
        approves(person)

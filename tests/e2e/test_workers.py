"""Who executes jobs: those that live, those that fell silent, and nobody."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from tests.e2e._person import Person
from tests.e2e._scripts import DIVISION
from tests.e2e.test_access import approves


def test_a_worker_is_shown_with_what_it_takes_and_leads_to_its_runs(admin: Person) -> None:
    path = "u/ada/worked"
    admin.server.deploy(path, DIVISION)
    admin.server.finish(path)
    admin.opens("/workers")
    row = admin.page.get_by_role("row").filter(has_text="Alive")
    expect(row).to_contain_text("python3")
    expect(row).to_contain_text("now")
    approves(admin)
    row.get_by_role("link").first.click()
    expect(admin.page.get_by_role("list", name="Further filters")).to_contain_text("Worker:")
    expect(admin.link(path)).to_have_count(1)


def test_a_silent_worker_stays_in_sight_and_nobody_is_said_to_be_missing(admin: Person) -> None:
    told = admin.server.api("GET", "/workers/list")

    def silent(route: Route) -> None:
        dead = [worker | {"alive": False, "last_ping": 90} for worker in told]
        route.fulfill(json=dead)

    admin.page.route("**/api/workers/list*", silent)
    admin.opens("/workers")
    expect(admin.page.get_by_role("row").filter(has_text="Silent")).to_contain_text(
        "1 min 30 s ago"
    )
    admin.sees("No worker is alive")
    approves(admin)

    admin.page.unroute("**/api/workers/list*")
    admin.page.route("**/api/workers/list*", lambda route: route.fulfill(json=[]))
    admin.clicks("Refresh")
    admin.sees("No worker is here")
    admin.sees("windmill-lite --role worker")
    approves(admin)

"""Looking at runs: while they happen, afterwards, and many of them."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e._person import Person
from tests.e2e._scripts import DIVISION, PATIENT


def test_a_running_run_is_canceled_for_a_reason(admin: Person) -> None:
    path = "u/ada/endless"
    admin.server.deploy(path, PATIENT)
    run = admin.server.run(path, {"signal": "u/ada/never"})
    admin.opens(f"/run/{run}")
    expect(admin.region("Logs")).to_contain_text("waiting for u/ada/never")

    admin.clicks("Cancel")
    expect(admin.field("Reason")).to_be_focused()
    admin.types("wrong day")
    admin.presses("Enter")
    expect(admin.region("Result")).to_contain_text("wrong day")
    expect(admin.region("Details")).to_contain_text("Canceled by")
    expect(admin.button("Cancel")).to_be_hidden()
    expect(admin.region("Logs")).to_contain_text("waiting for u/ada/never")


def test_a_run_is_started_again_with_the_same_arguments(admin: Person) -> None:
    path = "u/ada/repeated"
    admin.server.deploy(path, DIVISION)
    admin.server.finish(path, {"by": 4})
    admin.opens(f"/runs?path={path}")
    admin.follows(path)
    expect(admin.region("Result")).to_contain_text("0.25")
    before = admin.page.url

    admin.clicks("Run again")
    expect(admin.page).not_to_have_url(before)
    expect(admin.region("Result")).to_contain_text("0.25")
    expect(admin.region("Arguments")).to_contain_text("4")


def test_filters_of_the_runs_are_in_the_address(admin: Person) -> None:
    path = "u/ada/filtered"
    admin.server.deploy(path, DIVISION)
    admin.server.finish(path, {"by": 1})
    admin.server.finish(path, {"by": 0})
    rows = admin.page.get_by_role("row").filter(has=admin.page.get_by_role("link", name=path))

    admin.opens("/runs")
    admin.fills("Path of the script", path)
    admin.page.get_by_role("radio", name="Failed").check(force=True)
    admin.is_at(f"/runs?status=failure&path={path.replace('/', '%2F')}")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Failed")

    admin.page.reload()
    expect(admin.field("Path of the script")).to_have_value(path)
    expect(rows).to_have_count(1)
    admin.fills("Started by", "nobody")
    admin.sees("No such runs")
    admin.clicks("Clear the filters")
    admin.is_at("/runs")


def test_the_runs_are_walked_by_keys(admin: Person) -> None:
    path = "u/ada/walked"
    admin.server.deploy(path, DIVISION)
    for by in (1, 2, 4):
        admin.server.finish(path, {"by": by})
    admin.opens(f"/runs?path={path}")
    expect(admin.link(path)).to_have_count(3)
    for key in "jjjkj":
        admin.presses(key)
    admin.presses("k")
    admin.presses("Enter")
    expect(admin.region("Arguments")).to_contain_text("2")
    admin.page.go_back()
    admin.is_at(f"/runs?path={path}")


def test_older_runs_are_loaded_on_demand(admin: Person) -> None:
    path = "u/ada/often"
    admin.server.deploy(path, "def main(): ...", tag="nobody-takes-it")
    for _ in range(34):
        admin.server.run(path)
    admin.opens(f"/runs?path={path}")
    expect(admin.link(path)).to_have_count(30)
    admin.clicks("Load more")
    expect(admin.link(path)).to_have_count(34)
    expect(admin.button("Load more")).to_be_hidden()


def test_a_new_run_appears_in_the_list_that_somebody_looks_at(admin: Person) -> None:
    path = "u/ada/watched"
    admin.server.deploy(path, PATIENT)
    admin.server.run(path, {"signal": "u/ada/signal_watched"})
    admin.opens(f"/runs?path={path}")
    row = admin.page.get_by_role("row").filter(has=admin.link(path))
    expect(row).to_contain_text("Running")
    admin.server.deploy("u/ada/signal_watched", "def main(): ...")
    expect(row).to_contain_text("Success")
    expect(row).to_contain_text(re.compile(r"\d (ms|s)"))

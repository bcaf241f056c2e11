"""What a version asks of its runs: set in the editor, seen on its page, told apart by version."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e._person import Person
from tests.e2e._scripts import DIVISION, GREETING
from tests.e2e.test_access import approves


def test_what_runs_are_asked_is_set_with_the_mistakes_named(admin: Person) -> None:
    path = "u/ada/bounded"
    admin.server.deploy(path, GREETING, labels=["kept"])
    admin.opens(f"/scripts/edit/{path}")
    admin.clicks("Settings")
    settings = admin.dialog("Settings")
    settings.get_by_text("Concurrency", exact=True).click()
    concurrency = settings.get_by_role("group").filter(has_text="wait for each other")
    concurrency.get_by_label("Key").fill("$workspace/$args[name]")
    alert = settings.get_by_role("alert")
    expect(alert).to_have_text("Means nothing without “Runs at once”.")
    concurrency.get_by_label("Runs at once").fill("1")
    expect(alert).to_be_hidden()

    settings.get_by_text("Cache", exact=True).click()
    admin.fills("Good for", "soon")
    expect(alert).to_contain_text("such as 15m")
    settings.get_by_role("button", name="Deploy").click()
    expect(settings).to_be_visible()
    admin.fills("Good for", "2h")
    expect(settings).to_contain_text("2 hours")
    settings.get_by_text("Lost workers", exact=True).click()
    expect(settings).to_contain_text("At least once: what a run did")
    settings.get_by_label("If its worker is lost").select_option("fail")
    expect(settings).to_contain_text("At most once: a run that was started")
    approves(admin)
    settings.get_by_role("button", name="Deploy").click()
    admin.sees(f"Deployed {path}")
    expect(admin.page.get_by_text("Not deployed")).to_be_hidden()
    deployed = admin.server.in_workspace("GET", f"/scripts/get/p/{path}")
    assert (deployed["concurrent_limit"], deployed["cache_ttl"]) == (1, 7200)
    assert deployed["concurrency_key"] == "$workspace/$args[name]"
    assert (deployed["on_worker_loss"], deployed["labels"]) == ("fail", ["kept"])


def test_a_version_shows_its_settings_and_how_they_differ_from_others(admin: Person) -> None:
    path = "u/ada/compared"
    old = admin.server.deploy(path, GREETING, cache_ttl=60)
    admin.server.deploy(path, GREETING, parent_hash=old, cache_ttl=7200, concurrent_limit=1)
    admin.opens(f"/scripts/get/{path}")
    chips = admin.page.get_by_role("list", name="Settings of its runs")
    expect(chips).to_contain_text("At most 1 at once")
    expect(chips).to_contain_text("Cached for 2 hours")
    admin.chooses_tab("Versions")
    admin.clicks("Compare")
    changes = admin.dialog(f"Changes since {old}").get_by_role("region", name="Changed settings")
    expect(changes.get_by_role("term")).to_have_text(
        ["Concurrency: Runs at once", "Cache: Good for"]
    )
    expect(changes).to_contain_text("1 minute")
    expect(changes).to_contain_text("2 hours")


def test_one_run_is_started_later_and_another_is_tried_again(admin: Person) -> None:
    path = "u/ada/optional"
    admin.server.deploy(path, DIVISION)
    admin.opens(f"/scripts/get/{path}")
    admin.page.get_by_text("Options of this run").click()
    admin.fills("Start in", "later")
    expect(admin.page.get_by_role("alert").filter(has_text="A time such as")).to_be_visible()
    admin.fills("Start in", "90m")
    admin.clicks("Run")
    expect(admin.region("Run")).to_contain_text("Scheduled")
    expect(admin.button("Run")).to_be_enabled()

    admin.fills("Start in", "")
    admin.fills("by", "0")
    admin.fills("Retries after a failure", "2")
    admin.sees("It is tried again 2 times, each time at once.")
    approves(admin)
    admin.clicks("Run")
    expect(admin.region("Run")).to_contain_text("ZeroDivisionError")
    admin.follows("Open the run")
    expect(admin.region("Details")).to_contain_text("Tried again")
    expect(admin.region("Details")).to_contain_text("2 times")

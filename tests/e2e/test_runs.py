"""Looking at runs: while they happen, afterwards, and many of them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Route, expect

from tests.e2e._person import Person
from tests.e2e._scripts import DIVISION, PATIENT, let_go
from tests.e2e._server import Server
from tests.e2e.test_access import approves


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


def test_every_try_of_a_run_is_told_with_what_it_said(admin: Person) -> None:
    path = "u/ada/unlucky"
    admin.server.deploy(path, DIVISION)
    policy = quote('{"constant": {"attempts": 1, "seconds": 0}}')
    run = admin.server.run(f"{path}?retry={policy}", {"by": 0})
    admin.opens(f"/run/{run}")
    attempts = admin.region("Attempts").get_by_role("listitem")
    expect(attempts).to_have_count(2)
    expect(attempts.first).to_contain_text("Failed, tried again")
    expect(attempts.first).to_contain_text("try 1 of 2 failed: ZeroDivisionError")
    expect(attempts.last).to_contain_text("Failed")
    expect(admin.region("Where it failed")).to_contain_text("return 1 / by")
    approves(admin)
    expect(admin.region("Details")).to_be_visible()


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


def test_a_run_that_is_blocked_by_its_key_says_so_and_runs_in_its_turn(admin: Person) -> None:
    path, signal = "u/ada/one_by_one", "u/ada/signal_one_by_one"
    admin.server.deploy(path, PATIENT, concurrent_limit=1, concurrency_key="$workspace/one")
    admin.server.run(path, {"signal": signal})
    second = admin.server.run(path, {"signal": signal})
    admin.opens(f"/runs?status=waiting&path={path}")
    row = admin.page.get_by_role("row").filter(has=admin.link(path))
    expect(row).to_contain_text("Blocked")
    expect(row).to_contain_text("waits for its key main/one")
    approves(admin)

    admin.follows(path)
    expect(admin.page).to_have_url(re.compile(second))
    admin.sees("It waits for its key main/one: as many runs of it as may are under way")
    expect(admin.region("Details")).to_contain_text("Concurrency key")
    let_go(admin.server, signal)
    expect(admin.region("Result")).to_contain_text("it came")
    expect(admin.page.get_by_text("It waits for its key")).to_be_hidden()


def test_a_run_that_never_ran_leads_to_the_one_that_did(admin: Person) -> None:
    cached, debounced = "u/ada/answered", "u/ada/settling"
    admin.server.deploy(cached, DIVISION, cache_ttl=600)
    admin.server.finish(cached, {"by": 4})
    again = admin.server.run(cached, {"by": 4})
    admin.opens(f"/run/{again}")
    expect(admin.region("Result")).to_contain_text("0.25")
    admin.sees("its result comes from the cache")
    admin.follows("The earlier run")
    expect(admin.region("Logs")).to_contain_text("dividing by 4")
    expect(admin.page.get_by_text("from the cache")).to_be_hidden()

    admin.server.deploy(debounced, DIVISION, debounce_delay_s=5400)
    older, newer = admin.server.run(debounced), admin.server.run(debounced)
    admin.opens(f"/run/{older}")
    admin.sees("a newer run took its place")
    admin.follows("The newer run")
    admin.sees("It starts in 1 h")
    expect(admin.page).to_have_url(re.compile(newer))


def test_a_run_whose_script_keeps_nothing_says_that_it_is_gone(admin: Person) -> None:
    path = "u/ada/discreet"
    admin.server.deploy(path, DIVISION, delete_after_secs=0)
    admin.server.finish(path, {"by": 4})
    admin.opens(f"/runs?path={path}")
    admin.sees("deleted after use")
    admin.follows(path)
    expect(admin.region("Result")).to_have_text(re.compile("Deleted after use"))
    expect(admin.region("Logs")).to_be_hidden()


def test_from_the_details_of_a_run_one_comes_to_its_like(admin: Person) -> None:
    path, tag = "u/ada/marked", "nobody-marks-it"
    admin.server.deploy(path, DIVISION, tag=tag)
    run = admin.server.run(path)
    admin.opens(f"/run/{run}")
    admin.region("Details").get_by_role("link", name=tag).click()
    admin.is_at(f"/runs?tag={tag}")
    expect(admin.link(path)).to_have_count(1)
    admin.clicks("Remove the filter tag")
    admin.is_at("/runs")


def test_a_search_that_ended_early_says_how_far_it_came_and_goes_on(admin: Person) -> None:
    """As with more runs than a search looks at; here the server's answers are played."""
    older = [{**run, "created_at": "2026-01-01T00:00:00Z"} for run in _one_run(admin.server)]

    def answer(route: Route) -> None:
        if "created_before=" in route.request.url:
            route.fulfill(json=older)
        else:
            route.fulfill(json=[], headers={"X-Searched-Until": "2026-02-03T04:05:06+00:00"})

    admin.page.route("**/jobs/list?*", answer)
    admin.opens("/runs?by=ada")
    admin.sees("No such runs so far")
    admin.sees(re.compile("Searched until Feb 3, 2026"))
    approves(admin)
    admin.clicks("Look further back")
    expect(admin.link("u/ada/long_ago")).to_be_visible()
    expect(admin.button("Look further back")).to_be_hidden()


def _one_run(server: Server) -> list[dict[str, Any]]:
    server.deploy("u/ada/long_ago", DIVISION)
    server.finish("u/ada/long_ago")
    found = server.in_workspace("GET", "/jobs/list?script_path_exact=u/ada/long_ago")
    return list(found)

"""The list of scripts."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e._person import Person
from tests.e2e._scripts import GREETING


def test_a_script_is_found_by_words_and_the_search_is_in_the_address(admin: Person) -> None:
    admin.server.deploy("u/ada/searched_for", GREETING, summary="Count the herons")
    admin.server.deploy("u/ada/not_searched", GREETING, summary="Feed the ducks")
    admin.opens("/")
    expect(admin.link("Feed the ducks")).to_be_visible()
    admin.presses("/")
    admin.types("herons")
    expect(admin.link("Count the herons")).to_be_visible()
    expect(admin.link("Feed the ducks")).to_be_hidden()
    admin.page.reload()
    expect(admin.field("Search scripts and flows")).to_have_value("herons")
    expect(admin.link("Feed the ducks")).to_be_hidden()


def test_a_script_is_archived_and_deleted_only_after_a_question(admin: Person) -> None:
    path = "u/ada/discarded"
    admin.server.deploy(path, GREETING)
    admin.opens("/?q=discarded")
    admin.chooses_from(f"More for {path}", "Archive")
    question = admin.dialog("Archive this script?")
    question.get_by_role("button", name="Keep").click()
    expect(admin.link(path)).to_be_visible()

    admin.chooses_from(f"More for {path}", "Archive")
    question.get_by_role("button", name="Archive").click()
    admin.sees(f"Archived {path}")
    expect(admin.link(path)).to_be_hidden()

    admin.page.get_by_role("checkbox", name="Archived").check()
    expect(admin.link(path)).to_be_visible()
    admin.chooses_from(f"More for {path}", "Delete")
    admin.dialog("Delete this script?").get_by_role("button", name="Delete").click()
    admin.sees(f"Deleted {path}")
    expect(admin.link(path)).to_be_hidden()
    assert admin.server.in_workspace("GET", f"/scripts/exists/p/{path}") is False

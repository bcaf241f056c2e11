"""Writing a script: the form follows the code, a run shows itself while it happens."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e._person import Person
from tests.e2e._scripts import BROKEN, DIVISION, GREETING, PATIENT, let_go


def test_a_script_gets_its_form_runs_by_a_key_and_shows_its_logs_live(admin: Person) -> None:
    admin.opens("/scripts/add")
    admin.writes(PATIENT)
    admin.fills("signal", "u/ada/signal_live")
    admin.presses("ControlOrMeta+Enter")

    run = admin.region("Run")
    expect(run).to_contain_text("Running")
    expect(run.get_by_role("log")).to_contain_text("waiting for u/ada/signal_live")
    let_go(admin.server, "u/ada/signal_live")
    expect(run).to_contain_text("Success")
    expect(run).to_contain_text("it came")
    admin.chooses_tab("Logs")
    expect(run.get_by_role("log")).to_contain_text("there it is")


def test_what_is_typed_stays_while_the_signature_changes(admin: Person) -> None:
    admin.opens("/scripts/add")
    admin.writes(GREETING)
    admin.fills("name", "Grace")
    admin.writes(GREETING.replace("times: int", "loud: bool, times: int"))
    expect(admin.page.get_by_role("switch", name="loud")).to_be_visible()
    expect(admin.field("name")).to_have_value("Grace")


def test_a_syntax_error_is_marked_and_the_last_good_form_stays(admin: Person) -> None:
    admin.opens("/scripts/add")
    admin.writes(GREETING)
    expect(admin.field("times")).to_be_visible()

    admin.writes(BROKEN)
    admin.sees("The form shows the last version that could be read.")
    expect(admin.page.locator(".squiggly-error")).to_be_visible()
    expect(admin.field("times")).to_be_visible()
    admin.clicks("Line 2")
    expect(admin.field("Code of the script")).to_be_focused()

    admin.writes(GREETING)
    expect(admin.page.get_by_text("The form shows the last version")).to_be_hidden()
    expect(admin.page.locator(".squiggly-error")).to_be_hidden()


def test_a_missing_argument_is_named_before_anything_runs(admin: Person) -> None:
    admin.opens("/scripts/add")
    admin.writes(GREETING)
    admin.clicks("Run")
    expect(admin.page.get_by_role("alert").filter(has_text="is required")).to_be_visible()
    expect(admin.field("name")).to_have_attribute("aria-invalid", "true")
    expect(admin.region("Run")).to_be_hidden()


def test_a_run_that_fails_shows_the_line_of_the_script(admin: Person) -> None:
    admin.opens("/scripts/add")
    admin.writes(DIVISION)
    admin.fills("by", "0")
    admin.presses("ControlOrMeta+Enter")
    error = admin.region("Error")
    expect(error).to_contain_text("ZeroDivisionError")
    expect(error).to_contain_text(re.compile(r"line 3\b.*\n\s*return 1 / by"))

    admin.follows("Open the run")
    admin.sees_title("Preview")
    expect(admin.region("Error")).to_contain_text("ZeroDivisionError")
    admin.page.get_by_text("as it was previewed").click()
    expect(admin.page.locator(".view-lines")).to_contain_text("return 1 / by")


def test_a_draft_survives_a_reload(admin: Person) -> None:
    admin.opens("/scripts/add")
    admin.writes(DIVISION)
    expect(admin.field("by")).to_be_visible()
    admin.reloads()
    admin.sees("Your changes are back")
    expect(admin.field("by")).to_be_visible()
    admin.clicks("Discard")
    expect(admin.field("greeting")).to_be_visible()


def test_a_script_may_be_begun_in_another_language(admin: Person) -> None:
    admin.opens("/scripts/add")
    admin.clicks("Language: Python")
    admin.page.get_by_role("menuitemradio", name="Bash").click()
    expect(admin.page.get_by_role("switch", name="shout")).to_be_hidden()
    admin.fills("name", "Grace")
    admin.fills("times", "1")
    admin.presses("ControlOrMeta+Enter")
    run = admin.region("Run")
    expect(run).to_contain_text("Success")
    expect(run).to_contain_text("greeted Grace 1 times")

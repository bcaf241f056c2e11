"""From a draft to versions that others run, and back when somebody else was faster."""

from __future__ import annotations

import json
import re
import shlex

from playwright.sync_api import expect

from tests.e2e._person import Person
from tests.e2e._scripts import DIVISION, GREETING


def test_a_script_is_deployed_under_a_valid_path_and_run_from_its_page(admin: Person) -> None:
    admin.opens("/scripts/add")
    admin.writes(GREETING)
    admin.presses("ControlOrMeta+S")
    settings = admin.dialog("Deploy a new script")
    settings.get_by_role("button", name="Deploy").click()
    expect(settings.get_by_role("alert")).to_be_visible()
    admin.fills("Path", "no good name")
    expect(settings.get_by_role("alert")).to_be_visible()
    admin.fills("Path", "greeting")
    admin.fills("Summary", "Greet somebody")
    settings.get_by_role("button", name="Deploy").click()

    admin.is_at("/scripts/get/u/ada/greeting")
    # The editor, which has a form and a title, too, stays until the page is here.
    expect(admin.region("Run the script")).to_be_visible()
    admin.sees_title("Greet somebody")
    admin.sees("Who is greeted.")
    admin.fills("name", "Grace")
    admin.clicks("Run")
    expect(admin.region("Run")).to_contain_text("Hello Grace")

    admin.follows("Open the run")
    admin.sees_title("u/ada/greeting")
    expect(admin.region("Result")).to_contain_text("Hello Grace")
    expect(admin.region("Logs")).to_contain_text("greeting Grace 2")
    expect(admin.region("Arguments")).to_contain_text("Grace")
    details = admin.region("Details")
    expect(details).to_contain_text("u/ada/greeting")
    version = details.get_by_role("link", name=re.compile("^[0-9a-f]{16}$"))
    version.click()
    admin.sees("This is version")


def test_an_argument_that_the_server_refuses_is_named_at_its_field(admin: Person) -> None:
    path = "u/ada/refusing"
    first = admin.server.deploy(path, "def main(count: str): return count")
    admin.opens(f"/scripts/get/{path}")
    admin.fills("count", "several")
    admin.server.deploy(path, "def main(count: int): return count", parent_hash=first)

    admin.provokes(400, f"/w/main/jobs/run/p/{path}")
    admin.clicks("Run")
    expect(admin.page.get_by_role("alert").filter(has_text="expected an integer")).to_be_visible()
    expect(admin.field("count")).to_have_attribute("aria-invalid", "true")
    admin.fills("count", "7")
    expect(admin.field("count")).not_to_have_attribute("aria-invalid", "true")


def test_the_webhook_gives_what_the_page_shows(admin: Person) -> None:
    path = "u/ada/by_webhook"
    admin.server.deploy(path, GREETING)
    admin.opens(f"/scripts/get/{path}")
    admin.fills("name", "it's Zoë")
    admin.presses("ControlOrMeta+Enter")
    expect(admin.region("Run")).to_contain_text("Hello it's Zoë")

    admin.chooses_tab("Webhook")
    admin.clicks("Copy the command")
    expect(admin.button("Copied")).to_be_visible()
    words = shlex.split(admin.clipboard())
    url = next(word for word in words if word.startswith("http"))
    args = json.loads(words[words.index("-d") + 1])
    assert admin.server.send("POST", url, args) == {"greeting": "Hello it's Zoë", "times": 2}


def test_who_is_overtaken_sees_the_difference_and_may_deploy_on_top(admin: Person) -> None:
    path = "u/ada/contested"
    first = admin.server.deploy(path, DIVISION)
    admin.opens(f"/scripts/edit/{path}")
    admin.writes(DIVISION.replace("dividing", "my own dividing"))
    expect(admin.page.get_by_text("Not deployed")).to_be_visible()
    admin.server.deploy(path, DIVISION.replace("dividing", "their dividing"), parent_hash=first)

    admin.provokes(400, "/w/main/scripts/create")
    admin.presses("ControlOrMeta+S")
    conflict = admin.dialog("Somebody deployed a newer version")
    expect(conflict).to_contain_text("their dividing")
    expect(conflict).to_contain_text("my own dividing")
    conflict.get_by_role("button", name="Deploy mine on top").click()
    admin.sees(f"Deployed {path}")
    deployed = admin.server.in_workspace("GET", f"/scripts/get/p/{path}")
    assert "my own dividing" in deployed["content"]
    assert len(deployed["parent_hashes"]) == 2


def test_versions_are_told_apart_and_an_old_one_can_be_run(admin: Person) -> None:
    path = "u/ada/versioned"
    old = admin.server.deploy(path, "def main(): return 'old'", deployment_message="The first")
    admin.server.deploy(
        path, "def main(): return 'new'", parent_hash=old, deployment_message="The second"
    )
    admin.opens(f"/scripts/get/{path}")
    admin.chooses_tab("Versions")
    admin.sees("The second")
    admin.clicks("Compare")
    changes = admin.dialog(f"Changes since {old}")
    expect(changes).to_contain_text("'old'")
    expect(changes).to_contain_text("'new'")
    changes.get_by_role("button", name="Close").click()

    admin.follows(old)
    admin.sees("This is version")
    admin.presses("ControlOrMeta+Enter")
    expect(admin.region("Run")).to_contain_text("old")
    admin.follows("Go to the newest")
    admin.is_at(f"/scripts/get/{path}")

"""How long runs are kept: an admin says it, mistakes are named, members cannot."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import expect

from tests.e2e._person import Person
from tests.e2e._server import PASSWORD, Server
from tests.e2e.conftest import Arrive
from tests.e2e.test_access import approves

RETENTION = "/workspaces/retention"


def test_an_admin_says_how_long_runs_are_kept(admin: Person) -> None:
    admin.opens("/")
    admin.follows("Settings")
    admin.sees_title("Settings")
    admin.sees("The instance has no disk budget.")
    expect(admin.button("Save")).to_be_disabled()

    admin.field("Runs of this workspace").select_option("days")
    admin.clicks("Save")
    alert = admin.page.get_by_role("alert").filter(has_text="A whole number of days")
    expect(alert).to_be_visible()
    admin.fills("Days", "90")
    admin.clicks("Add a rule")
    expect(admin.field("Path 1")).to_be_focused()
    admin.types("ops")
    admin.fills("Days 1", "7")
    admin.presses("Enter")
    expect(admin.page.get_by_role("alert").filter(has_text="Begin with")).to_be_visible()
    approves(admin)
    admin.fills("Path 1", "f/ops/*")
    admin.presses("Enter")
    admin.sees("Saved")
    rules = [{"path": "f/ops/*", "days": 7}]
    told = admin.server.in_workspace("GET", RETENTION)
    assert (told["days"], told["paths"]) == (90, rules)

    admin.page.reload()
    expect(admin.field("Path 1")).to_have_value("f/ops/*")
    admin.clicks("Remove rule 1")
    admin.field("Runs of this workspace").select_option("instance")
    admin.clicks("Save")
    admin.sees("Saved")
    expect(admin.button("Save")).to_be_disabled()
    assert admin.server.in_workspace("GET", RETENTION) == {"default_days": 30, "paths": []}


def test_a_member_is_told_that_this_is_for_admins(arrive: Arrive, server: Server) -> None:
    account = {"email": "bob@example.org", "password": PASSWORD}
    server.api("POST", "/users/create", account)
    server.in_workspace("POST", "/workspaces/add_user", {"email": account["email"]})
    bob = arrive(replace(server, token=server.api("POST", "/auth/login", account)))
    bob.opens("/")
    bob.sees_title("Home")
    expect(bob.link("Workers")).to_be_visible()
    expect(bob.link("Settings")).to_be_hidden()
    bob.provokes(403, f"/w/main{RETENTION}")
    bob.opens("/settings")
    bob.sees("Only the admins of this workspace")
    approves(bob)

"""A flow in the browser: found, run, followed step by step, approved by a link."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.e2e._person import Person
from tests.e2e.test_access import approves

FORM = {"type": "object", "properties": {"amount": {"type": "integer"}}, "required": ["amount"]}


def step(id: str, code: str, expr: str, **more: Any) -> dict[str, Any]:
    inputs = {"x": {"type": "javascript", "expr": expr}}
    value = {"type": "rawscript", "language": "python3", "content": code}
    return {"id": id, "value": value | {"input_transforms": inputs}, **more}


def deployed(person: Person, path: str) -> None:
    """A loop, a step that asks people, and one that tells what they said."""
    inner = [step("b", "def main(x): return 10 // (x - 1)\n", "flow_input.iter.value")]
    iterator = {"type": "javascript", "expr": "[...Array(flow_input.n).keys()]"}
    over = {"type": "forloopflow", "iterator": iterator, "modules": inner, "skip_failures": True}
    asks = {"required_events": 1, "resume_form": {"schema": FORM}}
    modules = [
        {"id": "l", "summary": "Look at each", "value": over},
        step("ask", "def main(x): return {'default_args': {'amount': x}}\n", "4", suspend=asks),
        step("pay", "def main(x): return {'paid': x}\n", "resume.amount"),
    ]
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    flow = {"path": path, "summary": f"Pay with {path}", "value": {"modules": modules}}
    person.server.in_workspace("POST", "/flows/create", flow | {"schema": schema})


def test_a_flow_is_run_and_followed_to_the_people_it_asks(admin: Person) -> None:
    deployed(admin, "f/pay/orders")
    admin.opens("/?kind=flow")
    admin.follows("Pay with f/pay/orders")
    admin.sees_title("Pay with f/pay/orders")
    approves(admin)
    admin.fills("n", "3")
    admin.clicks("Run")
    admin.link("Open the run").click()
    steps = admin.region("Steps")
    expect(steps).to_be_visible()
    first = admin.page.url.split("/run/")[1][:36]
    expect(steps.get_by_text(re.compile("1 of . failed"))).to_be_visible()
    expect(steps.get_by_text("Waits for 1")).to_be_visible()
    approves(admin)
    asked = admin.region("Waits for approval")
    asked.get_by_label(re.compile("^amount")).fill("12")
    asked.get_by_role("button", name="Approve").click()
    expect(asked).to_be_hidden()
    expect(admin.region("Result").get_by_text("12")).to_be_visible()
    _goes_on_from_pay(admin)
    expect(admin.page).not_to_have_url(re.compile(first))
    _looks_into_a_turn(admin)


def _goes_on_from_pay(admin: Person) -> None:
    """With another argument than before."""
    admin.clicks("Run again from pay")
    asked = admin.dialog("Run again from step pay")
    asked.get_by_label(re.compile("^n")).fill("2")
    approves(admin)
    asked.get_by_role("button", name="Run again").click()
    expect(asked).to_be_hidden()
    expect(admin.region("Arguments")).to_contain_text("2")
    expect(admin.region("Result").get_by_text("12")).to_be_visible()


def _looks_into_a_turn(admin: Person) -> None:
    """The way to a step is in the address, and leads there again."""
    steps = admin.region("Steps")
    steps.get_by_role("button", name=re.compile("Look at each")).click()
    steps.get_by_role("button", name="1, failed").click()
    steps.get_by_role("button", name=re.compile("^b Python")).click()
    expect(admin.page).to_have_url(re.compile("step=l%2F1%2Fb"))
    expect(steps.get_by_text("ZeroDivisionError").first).to_be_visible()
    approves(admin)
    admin.page.reload()
    expect(steps.get_by_text("ZeroDivisionError").first).to_be_visible()
    admin.follows("Open")
    admin.follows("Flow around it")
    expect(steps.get_by_text("Look at each")).to_be_visible()


def test_a_stranger_with_the_link_approves_and_is_told_when_it_is_late(
    admin: Person, stranger: Person
) -> None:
    deployed(admin, "f/pay/one")
    server = admin.server
    id = server.in_workspace("POST", "/jobs/run/f/f/pay/one", {"n": 0})
    admin.opens(f"/run/{id}")
    admin.clicks("Copy a link")
    admin.sees("The link to approve is copied")
    link = admin.clipboard().removeprefix(server.url)
    stranger.opens(link)
    expect(stranger.field("amount")).to_have_value("4")
    approves(stranger)
    stranger.fills("amount", "7")
    stranger.clicks("Approve")
    stranger.sees("Approved. Thank you.")
    expect(admin.region("Result").get_by_text("7")).to_be_visible()
    stranger.opens(link)
    stranger.sees("Nobody waits for this any more.")


def test_what_is_asked_of_a_flows_runs_is_changed_and_seen(admin: Person) -> None:
    """In its definition and beside it; its steps stay as they were."""
    deployed(admin, "f/pay/asked")
    admin.opens("/flows/get/f/pay/asked")
    admin.clicks("Settings")
    drawer = admin.dialog("Settings of the flow")
    for group in ("Concurrency", "Process"):
        drawer.locator("summary", has_text=group).click()
    admin.fills("Within", "1m")
    expect(drawer.get_by_role("alert")).to_contain_text("Means nothing without")
    admin.fills("Runs at once", "2")
    drawer.get_by_label("Process", exact=True).select_option("true")
    admin.fills("What changed", "two at once")
    approves(admin)
    drawer.get_by_role("button", name="Deploy").click()
    admin.sees("Deployed f/pay/asked")
    chips = admin.page.get_by_role("list", name="Settings of its runs")
    expect(chips).to_contain_text("At most 2 at once")
    expect(chips).to_contain_text("Kept process")
    kept = admin.server.in_workspace("GET", "/flows/get/f/pay/asked")
    assert (kept["dedicated_worker"], kept["value"]["concurrent_limit"]) == (True, 2)
    assert [module["id"] for module in kept["value"]["modules"]] == ["l", "ask", "pay"]
    assert kept["schema"]["required"] == ["n"]

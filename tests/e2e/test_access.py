"""What axe-core finds on every page: names, roles, contrast, focus."""

from __future__ import annotations

from typing import Literal

from playwright.sync_api import Page, expect

from tests.e2e._person import PHONE, Person
from tests.e2e._scripts import DIVISION, GREETING
from tests.e2e._server import REPO, Server
from tests.e2e.conftest import Arrive

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
AXE = REPO / "bundled_ui" / "node_modules" / "axe-core" / "axe.min.js"
# The code editor is not ours; it has an accessibility of its own, and is named by us.
_ASK = """() => axe.run({exclude: [['.monaco-editor']]}, {resultTypes: ['violations']})
  .then(({violations}) => violations.flatMap(({id, help, nodes}) =>
    nodes.map(({html}) => `${id}: ${help}: ${html.slice(0, 160)}`)))"""
# What still fades in has too little contrast; what turns for ever is not waited for.
_SETTLED = """() => Promise.all(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
  .map((one) => one.finished.catch(() => {})))"""


def complaints(page: Page) -> list[str]:
    """What axe finds on the page as it is."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    page.evaluate(_SETTLED)
    return list(page.evaluate(_ASK))


def approves(person: Person) -> None:
    """Nothing is found, in the light and in the dark."""
    for theme in THEMES:
        person.page.emulate_media(color_scheme=theme)
        found = complaints(person.page)
        assert not found, "\n".join([f"{person.page.url} ({theme})", *found])


def test_every_page_can_be_used_by_everybody(admin: Person) -> None:
    path = "u/ada/accessible"
    admin.server.deploy(path, GREETING, summary="Greet everybody")
    admin.server.finish(path, {"name": "Grace"})
    admin.opens("/")
    admin.sees("Greet everybody")
    approves(admin)
    admin.presses("ControlOrMeta+K")
    approves(admin)

    admin.opens(f"/runs?path={path}")
    admin.follows(path)
    expect(admin.region("Result")).to_contain_text("Hello Grace")
    approves(admin)
    admin.page.go_back()
    approves(admin)

    admin.opens(f"/scripts/get/{path}")
    for tab in ("Code", "Versions", "Webhook", "Runs"):
        admin.chooses_tab(tab)
        approves(admin)
    admin.opens("/no/such/page")
    admin.sees("Nothing lives here")
    approves(admin)


def test_the_editor_can_be_used_by_everybody(admin: Person) -> None:
    admin.opens("/scripts/add")
    expect(admin.field("greeting")).to_be_visible()
    approves(admin)
    admin.writes(DIVISION)
    admin.fills("by", "0")
    admin.presses("ControlOrMeta+Enter")
    expect(admin.region("Error")).to_be_visible()
    approves(admin)
    admin.presses("ControlOrMeta+S")
    expect(admin.dialog("Deploy a new script")).to_be_visible()
    approves(admin)
    admin.presses("Escape")
    admin.follows("Open the run")
    admin.sees_title("Preview")
    expect(admin.region("Error")).to_be_visible()
    approves(admin)


def test_the_doors_can_be_used_by_everybody(arrive: Arrive, fresh_server: Server) -> None:
    person = arrive(fresh_server, screen=PHONE)
    person.opens("/login")
    person.sees("This server has no user yet")
    approves(person)
    person.page.goto(fresh_server.setup_link)
    person.fills("Password", "12345")
    approves(person)


def test_the_phone_can_be_used_by_everybody(arrive: Arrive, server: Server) -> None:
    person = arrive(server, screen=PHONE)
    person.opens("/runs")
    person.sees_title("Runs")
    approves(person)
    person.clicks("Menu")
    approves(person)
    person.opens("/scripts/add")
    person.writes(DIVISION)
    person.page.get_by_role("radio", name="Run").check(force=True)
    person.fills("by", "0")
    person.clicks("Run")
    expect(person.region("Error")).to_be_visible()
    approves(person)

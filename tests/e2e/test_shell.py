"""What is around the pages: the palette, the theme, addresses that lead nowhere."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e._person import Person
from tests.e2e._scripts import GREETING

_GROUND = "getComputedStyle(document.body).backgroundColor"
_FIRST_GROUND = """addEventListener('DOMContentLoaded', () => {
  window.firstGround = getComputedStyle(document.documentElement).colorScheme; })"""


def test_the_palette_finds_scripts_pages_and_deeds(admin: Person) -> None:
    admin.server.deploy("u/ada/palatial", GREETING, summary="Greet from the palette")
    admin.opens("/")
    admin.sees_title("Home")
    admin.presses("ControlOrMeta+K")
    admin.types("palat")
    choice = admin.dialog("Search or jump to").get_by_role("option", selected=True)
    expect(choice).to_contain_text("Greet from the palette")
    admin.presses("Enter")
    admin.is_at("/scripts/get/u/ada/palatial")

    admin.presses("ControlOrMeta+K")
    admin.types("nothing is called so")
    admin.sees("Nothing is called that.")
    admin.presses("Escape")
    admin.presses("ControlOrMeta+K")
    admin.types("runs")
    admin.presses("Enter")
    admin.is_at("/runs")


def test_a_chosen_theme_stays_and_never_flashes(admin: Person) -> None:
    admin.page.add_init_script(_FIRST_GROUND)
    admin.opens("/")
    light = admin.page.evaluate(_GROUND)
    admin.clicks("ada account")
    admin.page.get_by_role("menuitemradio", name="Dark").click()
    expect(admin.page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = admin.page.evaluate(_GROUND)
    assert dark != light

    admin.page.reload()
    admin.sees_title("Home")
    assert admin.page.evaluate("window.firstGround") == "dark"
    assert admin.page.evaluate(_GROUND) == dark


def test_an_address_without_a_page_leads_home(admin: Person) -> None:
    admin.opens("/no/such/page")
    admin.sees("Nothing lives here")
    admin.follows("Go home")
    admin.is_at("/")


def test_a_script_and_a_run_that_do_not_exist_are_said_to_be_missing(admin: Person) -> None:
    admin.provokes(404, "/w/main/scripts/get/p/u/ada/nowhere")
    admin.opens("/scripts/get/u/ada/nowhere")
    admin.sees("There is no such script")

    nobody = "00000000-0000-4000-8000-000000000000"
    admin.provokes(404, f"/w/main/jobs_u/get/{nobody}")
    admin.opens(f"/run/{nobody}")
    admin.sees("There is no such run here")

"""From a secret that is kept, by a resource that refers to it, to a script that is given both."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e._person import PHONE, Person
from tests.e2e._server import Server
from tests.e2e.conftest import Arrive
from tests.e2e.test_access import approves
from tests.e2e.test_phone import fits

SECRET, DATABASE, SCRIPT = "u/ada/db_password", "u/ada/shop", "u/ada/connects"
CODE = """\
class postgresql(dict): ...


def main(db: postgresql, greeting: str):
    print("the password is", db["password"])
    return [db["host"], db["port"], len(db["password"]), greeting]
"""


def test_a_secret_and_a_resource_are_kept_and_given_to_a_script(admin: Person) -> None:
    _keeps_a_secret(admin)
    _keeps_a_resource(admin)
    admin.server.deploy(SCRIPT, CODE)
    admin.opens(f"/scripts/get/{SCRIPT}")
    admin.fills("db", DATABASE)
    admin.chooses_from("greeting: use a $var", SECRET)
    expect(admin.field("greeting")).to_have_value(f"$var:{SECRET}")
    admin.clicks("Run")
    expect(admin.region("Run")).to_contain_text("hush hush hush")
    admin.chooses_tab("Logs")
    expect(admin.region("Run")).to_contain_text("the password is ****")
    admin.follows("Open the run")
    expect(admin.region("Arguments")).to_contain_text(f"$res:{DATABASE}")
    _lets_both_go(admin)


def _keeps_a_secret(admin: Person) -> None:
    admin.opens("/variables")
    admin.sees("No variables yet")
    approves(admin)
    admin.clicks("New variable")
    drawer = admin.dialog("New variable")
    admin.fills("Path", "u/ada/")
    drawer.get_by_role("button", name="Save").click()
    expect(drawer.get_by_role("alert")).to_contain_text("Give the variable a name")
    admin.fills("Path", SECRET)
    admin.fills("Value", "hush hush hush")
    admin.fills("Description", "of the shop")
    approves(admin)
    drawer.get_by_role("button", name="Save").click()
    admin.sees(f"Saved {SECRET}")
    row = admin.page.get_by_role("row").filter(has_text=SECRET)
    expect(row).to_contain_text("Secret")
    expect(row).not_to_contain_text("hush")
    approves(admin)
    admin.clicks(SECRET)
    expect(admin.field("Value")).to_have_value("")
    admin.clicks("Show the secret")
    expect(admin.field("Value")).to_have_value("hush hush hush")
    admin.presses("Escape")
    admin.chooses_from(f"More for {SECRET}", "Copy its reference")
    assert admin.clipboard() == f"$var:{SECRET}"


def _keeps_a_resource(admin: Person) -> None:
    admin.opens("/resources")
    admin.sees("No resources yet")
    admin.clicks("New resource")
    drawer = admin.dialog("New resource")
    admin.fills("Path", DATABASE)
    drawer.get_by_label("Type").select_option("postgresql")
    admin.fills("host", "db.shop.test")
    admin.fills("user", "shop")
    admin.fills("dbname", "shop")
    admin.chooses_from("password: use a $var", SECRET)
    approves(admin)
    drawer.get_by_role("button", name="Save").click()
    admin.sees(f"Saved {DATABASE}")
    kept = admin.server.in_workspace("GET", f"/resources/get_value/{DATABASE}")
    assert (kept["password"], kept["port"], kept["sslmode"]) == (f"$var:{SECRET}", 5432, "prefer")
    admin.clicks(DATABASE)
    expect(admin.field("host")).to_have_value("db.shop.test")
    admin.presses("Escape")
    approves(admin)


def _lets_both_go(admin: Person) -> None:
    for page, path, noun in (
        ("/variables", SECRET, "variable"),
        ("/resources", DATABASE, "resource"),
    ):
        admin.opens(page)
        admin.chooses_from(f"More for {path}", "Delete")
        admin.dialog(f"Delete this {noun}?").get_by_role("button", name="Delete").click()
        admin.sees(f"Deleted {path}")


def test_a_phone_shows_variables_and_resources(arrive: Arrive, server: Server) -> None:
    secret = {"path": "u/ada/phone", "value": "x", "is_secret": True, "description": "for phones"}
    server.in_workspace("POST", "/variables/create", secret)
    resource = {"path": "u/ada/phone_" + "x" * 60, "value": {"a": 1}, "resource_type": "any"}
    server.in_workspace("POST", "/resources/create", resource)
    person = arrive(server, screen=PHONE)
    for address, path in (("/variables", "u/ada/phone"), ("/resources", str(resource["path"]))):
        person.opens(address)
        person.sees_title(address[1:].capitalize())
        person.sees(path)
        fits(person)
        approves(person)
        person.clicks(path)
        expect(person.field("Path")).to_have_value(path)
        fits(person)
        approves(person)
        person.presses("Escape")
    server.in_workspace("DELETE", "/variables/delete/u/ada/phone")
    server.in_workspace("DELETE", f"/resources/delete/{resource['path']}")

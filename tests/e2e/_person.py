"""Somebody at a browser: the few things a person does on every page, in their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.e2e._browser import PATIENCE_MS
from tests.e2e._server import EMAIL, PASSWORD, Server
from tests.e2e._watch import Watch

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass(frozen=True, slots=True)
class Person:
    """One person, one browser window, one server."""

    server: Server
    page: Page
    watch: Watch

    # ---- going -----------------------------------------------------------------------------------

    def opens(self, address: str) -> None:
        """Type an address into the browser."""
        self.page.goto(self.server.url + address)

    def is_at(self, address: str) -> None:
        """The address bar says exactly this path and query."""
        expect(self.page).to_have_url(self.server.url + address)

    def follows(self, name: str) -> None:
        self.link(name).click()

    # ---- seeing ----------------------------------------------------------------------------------

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def sees_title(self, text: str) -> None:
        """The page's own heading."""
        expect(self.page.get_by_role("heading", level=1, name=text)).to_be_visible()

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def field(self, label: str) -> Locator:
        """What one types into; a label also says whether it must be filled."""
        return self.page.get_by_label(re.compile(rf"^{re.escape(label)}\s*(\*|optional)?$"))

    def region(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=name, exact=True)

    def dialog(self, name: str) -> Locator:
        return self.page.get_by_role("dialog", name=name, exact=True)

    # ---- doing -----------------------------------------------------------------------------------

    def clicks(self, name: str) -> None:
        self.button(name).click()

    def chooses_tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=re.compile(rf"^{name}\b")).click()

    def fills(self, label: str, text: str) -> None:
        self.field(label).fill(text)

    def chooses_from(self, menu: str, item: str) -> None:
        self.clicks(menu)
        self.page.get_by_role("menuitem", name=item).click()

    def types(self, text: str) -> None:
        """Into whatever has the focus."""
        self.page.keyboard.type(text)

    def reloads(self) -> None:
        """Where something is not saved the browser asks first; yes."""
        self.page.once("dialog", lambda dialog: dialog.accept())
        self.page.reload()

    def presses(self, keys: str) -> None:
        self.page.keyboard.press(keys)

    def writes(self, code: str) -> None:
        """Replace everything in the code editor, by the clipboard: typed code would be indented."""
        self.page.evaluate("(text) => navigator.clipboard.writeText(text)", code)
        self.field("Code of the script").focus()
        self.presses("ControlOrMeta+A")
        self.presses("ControlOrMeta+V")

    def clipboard(self) -> str:
        """What was copied last."""
        return str(self.page.evaluate("navigator.clipboard.readText()"))

    def logs_in(self, password: str = PASSWORD) -> None:
        self.fills("Email", EMAIL)
        self.fills("Password", password)
        self.clicks("Log in")

    def provokes(self, status: int, path: str) -> None:
        """The next deed is one that the server refuses."""
        self.watch.excuse(status, f"/api{path}")


@contextmanager
def at_browser(
    browser: Browser,
    server: Server,
    *,
    screen: ViewportSize = DESK,
    theme: Literal["light", "dark"] = "light",
) -> Iterator[Person]:
    """A window of its own, without history; logged in when the server has an admin's token."""
    context = browser.new_context(viewport=screen, color_scheme=theme)
    context.set_default_timeout(PATIENCE_MS)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
    if server.token:
        context.add_cookies([{"name": "token", "value": server.token, "url": server.url}])
    watch = Watch()
    watch.over(context)
    yield Person(server, context.new_page(), watch)
    context.close()

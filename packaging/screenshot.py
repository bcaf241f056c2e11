"""Takes the picture of the UI that README.md shows, from a server of its own that is thrown away.

    python packaging/screenshot.py [file]

It needs the built UI (`make ui`) and Chromium. The picture is the script editor after a run.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "bundled_ui" / "screenshot.png"
BYTES_MAX = 200_000  # it is part of every clone
_COLOURED = ".view-lines [class^=mtk]:not(.mtk1)"  # Colours come a moment after the code.
SCRIPT = '''\
from datetime import date, timedelta
from typing import Literal


def main(
    region: Literal["Europe", "Americas", "Asia"],
    days: int = 5,
    only_late: bool = False,
) -> list[dict[str, object]]:
    """Counts the orders of a region, day by day.

    Args:
        region: Which office asks.
        days: How many days are counted.
        only_late: Leave out what was sent in time.
    """
    rows = []
    for n in range(days):
        day = date(2026, 3, 2) + timedelta(days=n)
        late = (7 * n + len(region)) % 5
        sent = 0 if only_late else 118 + 31 * n % 47
        print(f"{day}: {sent} in time, {late} late")
        rows.append({"day": day, "sent": sent, "late": late})
    return rows
'''


def take(picture: Path) -> None:
    """Open a script in the editor, fill in its form, run it, and photograph the page."""
    sys.path.insert(0, str(ROOT))
    from playwright.sync_api import expect  # noqa: PLC0415  the journeys' tools need the path

    from tests.e2e._browser import browsing  # noqa: PLC0415
    from tests.e2e._person import at_browser  # noqa: PLC0415
    from tests.e2e._server import serving  # noqa: PLC0415

    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), with_admin=True) as server,
        browsing() as browser,
        at_browser(browser, server) as person,
    ):
        server.deploy("u/ada/count_orders", SCRIPT, summary="Count the orders")
        person.opens("/scripts/edit/u/ada/count_orders")
        person.page.get_by_role("radio", name="Europe").check(force=True)
        person.presses("ControlOrMeta+Enter")
        expect(person.region("Run").get_by_role("table")).to_be_visible()
        expect(person.page.locator(_COLOURED).first).to_be_visible()
        person.page.screenshot(path=picture, animations="disabled", caret="hide")


def main(argv: list[str]) -> int:
    """Take it, and say how large it is."""
    picture = Path(argv[0]) if argv else PICTURE
    take(picture)
    size_bytes = picture.stat().st_size
    print(f"{picture}: {size_bytes / 1000:.0f} kB")
    return 0 if size_bytes <= BYTES_MAX else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

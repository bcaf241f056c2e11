"""What no page may do: complain in the console, break the Content-Security-Policy, miss a file."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

# The policy's own event: a blocked inline style is not always a line in the console.
_TELL = """addEventListener('securitypolicyviolation', (event) =>
  console.error(`Content-Security-Policy: ${event.violatedDirective} ${event.blockedURI}`));"""
_LEFT = "net::ERR_ABORTED"  # The page itself gave up the request, or was left.


class Watch:
    """Collects the faults of a context's pages. What a journey provokes is excused by its status
    and path, once it has happened. Not slotted: Playwright keeps its own handlers on it.
    """

    def __init__(self) -> None:
        self._faults: list[str] = []
        self._provoked: list[tuple[int, str]] = []
        self._refused: list[tuple[int, str]] = []
        self._complaints: list[tuple[str, str]] = []  # text, path of its source

    def over(self, context: BrowserContext) -> None:
        """Watch every page that this context has or will have."""
        context.add_init_script(_TELL)
        context.on("page", self._page)

    def excuse(self, status: int, path: str) -> None:
        """The server is going to refuse a request to this path, and should."""
        self._provoked.append((status, path))

    def verdict(self) -> list[str]:
        """Every fault of the journey, in words; what was provoked and did not come is one too."""
        excused = {(_complaint(status), path) for status, path in self._provoked}
        return [
            *self._faults,
            *(f"answered {s}: {p}" for s, p in self._refused if (s, p) not in self._provoked),
            *(
                f"not refused with {s}: {p}"
                for s, p in self._provoked
                if (s, p) not in self._refused
            ),
            *(f"console: {text}" for text, at in self._complaints if (text, at) not in excused),
        ]

    def _page(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._faults.append(f"not caught: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complaints.append((message.text, urlsplit(message.location["url"]).path))

    def _failed(self, request: Request) -> None:
        if request.failure != _LEFT:
            self._faults.append(f"{request.failure}: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= HTTPStatus.BAD_REQUEST:
            self._refused.append((response.status, urlsplit(response.url).path))


def _complaint(status: int) -> str:
    """The browser's own line about a refused request; no page can keep it from being written."""
    reason = HTTPStatus(status).phrase
    return f"Failed to load resource: the server responded with a status of {status} ({reason})"

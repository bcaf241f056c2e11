"""Reading one script from a hub: `GET <hub>/api/scripts/hub/get_full/hub/<number>/<app>/<name>`, as
Windmill's own API has it, answers `{content, lockfile, schema, language, summary}`.

Blocking, for a thread. The one origin is asked and no other: an answer that sends elsewhere is no
answer. Proxies are those of the environment.
"""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any

from windmill_lite import __version__
from windmill_lite.base.codec import Json, dumps, loads
from windmill_lite.base.errors import Invalid, NotFound, TooLarge, Unavailable
from windmill_lite.base.trust import trust
from windmill_lite.engine.signature import check_code, check_language
from windmill_lite.model import limits
from windmill_lite.model.script import HubScript

_PIECE_BYTES = 1 << 16


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Nowhere: the answer itself is the error."""


def fetch(hub: str, path: str, token: str | None) -> HubScript:
    """Fails: `NotFound` when the hub says so, `Unavailable` when it does not answer as a hub,
    `Invalid` and `TooLarge` for a script that cannot run here.
    """
    try:
        text = _read(f"{hub}/api/scripts/hub/get_full/{path}", token)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 404:
            raise NotFound(f"hub {hub} has no script {path}") from None
        raise Unavailable(f"hub {hub} answers {error.code} for {path}") from None
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise Unavailable(f"hub {hub} cannot be reached: {reason}") from None
    return _script(hub, path, text)


def _read(url: str, token: str | None) -> str:
    headers = {"Accept": "application/json", "User-Agent": f"windmill-lite/{__version__}"}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - what the owner has set
    if token:
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    handler = urllib.request.HTTPSHandler(context=trust())
    opener = urllib.request.build_opener(handler, _Stay())
    until, data = time.monotonic() + limits.HUB_S, b""
    with opener.open(request, timeout=limits.HUB_S) as response:
        while piece := response.read1(_PIECE_BYTES):
            data += piece
            if len(data) > limits.HUB_BYTES:
                raise TooLarge(f"{url} is larger than {limits.HUB_BYTES} bytes")
            if time.monotonic() > until:
                raise TimeoutError(f"it takes longer than {limits.HUB_S:.0f} s")
    return data.decode()


def _script(hub: str, path: str, text: str) -> HubScript:
    try:
        told: Json = loads(text, what="its answer")
    except Invalid as bad:
        raise Unavailable(f"hub {hub} answers for {path} what is no JSON: {bad}") from None
    content = told.get("content") if isinstance(told, dict) else None
    language = told.get("language") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(content, str) or not isinstance(language, str):
        raise Unavailable(f"hub {hub} answers for {path} with something that is no script")
    check_language(language)
    check_code(content)
    lock, schema, summary = (told.get(name) for name in ("lockfile", "schema", "summary"))
    if isinstance(lock, str) and len(lock) > limits.CODE_BYTES_MAX:
        raise TooLarge(f"the lock of {path} is larger than {limits.CODE_BYTES_MAX} bytes")
    return HubScript(
        content=content,
        language=language,
        lock=lock if isinstance(lock, str) and "\0" not in lock else None,
        schema=dumps(schema) if isinstance(schema, dict) else None,
        summary=summary[: limits.LINE_CHARS_MAX].replace("\0", "")
        if isinstance(summary, str)
        else "",
    )

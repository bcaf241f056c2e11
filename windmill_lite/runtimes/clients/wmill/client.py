"""How the functions of this package reach the API: with the job's own token, by its environment."""

from __future__ import annotations

import contextlib
import contextvars
import datetime as dt
import json
import os
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

_TIMEOUT_S = 60.0
#: Methods that take None for a result where the function does not, unless by so many positions.
_TAKE_NONE = {"run_script": 7, "run_script_by_path": 6, "run_script_by_hash": 6}


class HTTPStatusError(Exception):
    """The API refused; the message is its own, and `response` what it said."""

    def __init__(self, message: str, response: Response) -> None:
        super().__init__(message)
        self.response = response


@dataclass(frozen=True)
class Response:
    """What the API answered."""

    status_code: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    url: str = ""

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")

    @property
    def is_success(self) -> bool:
        return 200 <= self.status_code < 300

    def json(self) -> Any:
        return json.loads(self.content)

    def raise_for_status(self) -> Response:
        if not self.is_success:
            raise HTTPStatusError(f"{self.url}: {self.status_code}, {self.text}", self)
        return self


class Windmill:
    """A client of one workspace. Every function of the package is a method of it, too; those that
    stand here take their arguments in another order, as they do in the published package.
    """

    def __init__(
        self,
        base_url: str | None = None,
        token: str | None = None,
        workspace: str | None = None,
        verify: bool = True,  # noqa: FBT001, FBT002 - as the published client has it
    ) -> None:
        env = os.environ
        base = base_url or env.get("BASE_INTERNAL_URL") or env.get("WM_BASE_URL") or ""
        self.base_url = f"{base.rstrip('/').removesuffix('/api')}/api"
        self.token = token or env.get("WM_TOKEN", "")
        self.workspace = workspace or env.get("WM_WORKSPACE", "")
        self.path = env.get("WM_JOB_PATH")
        self._context = ssl.create_default_context() if verify else _trusting()

    def get(self, endpoint: str, raise_for_status: bool = True, **more: Any) -> Response:  # noqa: FBT001, FBT002
        """GET below /api. `params` may be given."""
        return self.request("GET", endpoint, raise_for_status=raise_for_status, **more)

    def post(self, endpoint: str, raise_for_status: bool = True, **more: Any) -> Response:  # noqa: FBT001, FBT002
        """POST below /api. `params`, and `json` or `content`, may be given."""
        return self.request("POST", endpoint, raise_for_status=raise_for_status, **more)

    def request(
        self,
        method: str,
        endpoint: str,
        *,
        params: Mapping[str, Any] | None = None,
        raise_for_status: bool = True,
        **body: Any,
    ) -> Response:
        """Fails: `HTTPStatusError` for what is no success, unless told not to; OSError."""
        url = f"{self.base_url}/{urllib.parse.quote(endpoint.lstrip('/'), safe='/:@+,=-._~%')}"
        asked = {name: _word(value) for name, value in (params or {}).items() if value is not None}
        if asked:
            url = f"{url}?{urllib.parse.urlencode(asked)}"
        headers = {"Authorization": f"Bearer {self.token}"}
        data: bytes | None = body.get("content")
        if "json" in body:
            data = json.dumps(body["json"]).encode()
            headers["Content-Type"] = "application/json"
        elif method == "POST" and data is None:
            data = b""
        request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310
        response = self._answer(request)
        return response.raise_for_status() if raise_for_status else response

    def _answer(self, request: urllib.request.Request) -> Response:
        handler = urllib.request.HTTPSHandler(context=self._context)
        # The API of the same machine is reached without the proxy that leads out of it.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), handler)
        try:
            with opener.open(request, timeout=_TIMEOUT_S) as told:
                return Response(told.status, told.read(), dict(told.headers), request.full_url)
        except urllib.error.HTTPError as refusal:
            head = dict(refusal.headers)
            return Response(refusal.code, refusal.read(), head, request.full_url)

    def run_script_async(
        self, path: str | None = None, hash_: str | None = None, *args: Any, **named: Any
    ) -> str:
        """Starts a script; the job's id."""
        assert not (path and hash_), "path and hash_ are mutually exclusive"
        if not (path or hash_):
            raise Exception("path or hash_ must be provided")  # noqa: TRY002
        return str(self.__getattr__("run_script_async")(path or hash_, *args, **named))

    def set_resource(self, value: Any, path: str, resource_type: str) -> None:
        """Changes the value of a resource, or makes it."""
        self.__getattr__("set_resource")(path, value, resource_type)

    def create_token(self, duration: dt.timedelta = dt.timedelta(days=1)) -> str:
        """Another token of who asks; refused to the token of a job."""
        until = (dt.datetime.now(dt.UTC) + duration).strftime("%Y-%m-%dT%H:%M:%SZ")
        asked = {"label": "made by a script", "expiration": until}
        return self.post("users/tokens/create", json=asked).text

    @property
    def version(self) -> str:
        return str(self.get_version())

    @property
    def user(self) -> dict[str, Any]:
        return dict(self.whoami())

    @property
    def state_path(self) -> str:
        return str(self.get_state_path())

    @property
    def state(self) -> Any:
        return self.get_state()

    @state.setter
    def state(self, value: Any) -> None:
        self.set_state(value)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = getattr(sys.modules[__package__ or ""], name, None)
        if name.startswith("_") or not callable(function):
            raise AttributeError(f"the client has no {name}")

        @wraps(function)
        def bound(*args: Any, **named: Any) -> Any:
            with _as(self):
                if name in _TAKE_NONE and len(args) < _TAKE_NONE[name]:
                    named.setdefault("assert_result_is_not_none", False)
                return function(*args, **named)

        return bound


_CURRENT: contextvars.ContextVar[Windmill] = contextvars.ContextVar("client")


def current() -> Windmill:
    """That of the call, or the job's own."""
    return _CURRENT.get(None) or Windmill()


def within(endpoint: str) -> str:
    """An address in the workspace of the call."""
    return f"w/{current().workspace}/{endpoint}"


@contextlib.contextmanager
def _as(client: Windmill) -> Iterator[None]:
    token = _CURRENT.set(client)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)

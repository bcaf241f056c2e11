"""The two formats of HTML forms, read into strings; a name that repeats gives a list."""

from __future__ import annotations

from email.message import Message
from urllib.parse import parse_qsl

from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Invalid, Unsupported

FORM_FIELDS_MAX = 1_000


def urlencoded(text: str) -> dict[str, Json]:
    """Fails: `Invalid` for what is not UTF-8 or has too many fields."""
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, max_num_fields=FORM_FIELDS_MAX, errors="strict"
        )
    except UnicodeDecodeError:
        raise Invalid("body is not valid UTF-8 after decoding the form") from None
    except ValueError:
        raise Invalid(f"body has more than {FORM_FIELDS_MAX} form fields") from None
    return _gathered(pairs)


def multipart(content_type: str, raw: bytes) -> dict[str, Json]:
    """The text fields. Fails: `Invalid`; `Unsupported` for a file: those need an object storage."""
    boundary = _parameter(content_type, "boundary")
    if not boundary:
        raise Invalid("the multipart body has no boundary")
    delimiter = b"\r\n--" + boundary.encode("utf-8", "surrogateescape")
    sections = (b"\r\n" + raw).split(delimiter, FORM_FIELDS_MAX + 2)
    if len(sections) < 2 or not sections[-1].startswith(b"--"):
        raise Invalid(f"the multipart body does not end, or has more than {FORM_FIELDS_MAX} parts")
    return _gathered([_part(section) for section in sections[1:-1]])


def _part(section: bytes) -> tuple[str, str]:
    head, found, content = section.partition(b"\r\n\r\n")
    disposition = _disposition(head)
    name = _parameter(disposition, "name")
    if not found or not name:
        raise Invalid("a part of the multipart body has no name")
    if _parameter(disposition, "filename") is not None:
        raise Unsupported(f"{name}: files need an object storage, and none is configured")
    try:
        return name, content.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid(f"{name} is not valid UTF-8", field=name) from None


def _disposition(head: bytes) -> str:
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            return value.strip()
    return ""


def _parameter(header: str, name: str) -> str | None:
    """One parameter of a header such as `form-data; name="x"`; None when absent."""
    message = Message()
    message["X"] = "".join(char if char.isprintable() else " " for char in header)
    value = message.get_param(name, header="X")
    return value if isinstance(value, str) else None


def _gathered(pairs: list[tuple[str, str]]) -> dict[str, Json]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}

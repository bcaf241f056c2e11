"""Code whose `main` is its preprocessor."""

from __future__ import annotations

from typing import Any

import pytest

from windmill_lite.core.jobs import entry


def test_python_begins_at_the_preprocessor() -> None:
    text = "def preprocessor(event):\n    return {'n': event}\n\ndef main(n):\n    return n\n"
    names: dict[str, Any] = {}
    exec(entry.preparing("python3", text) or "", names)  # noqa: S102 - a script of the test
    assert names["main"](4) == {"n": 4}


@pytest.mark.parametrize("head", ["export async function main", "export default function main"])
def test_typescript_exports_the_preprocessor_as_main_and_moves_no_line(head: str) -> None:
    text = f"export function preprocessor(event) {{ return event }}\n{head}(n) {{ return n }}"
    found = entry.preparing("bun", text)
    assert found is not None
    assert found.splitlines()[:2] == [
        "export function preprocessor(event) { return event }",
        f"{head.removeprefix('export ')}(n) {{ return n }}",
    ]
    assert found.endswith("export { preprocessor as main };\n")


def test_other_languages_have_no_preprocessor() -> None:
    assert entry.preparing("bash", "echo") is None

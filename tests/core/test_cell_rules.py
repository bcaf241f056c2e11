"""What a version asks of its cells, and what it gets of it."""

from __future__ import annotations

from typing import Any

import pytest

from windmill_lite.base.errors import Invalid
from windmill_lite.core.jobs import cell
from windmill_lite.model.script import CellRules, Network
from windmill_lite.model.target import network as read_network


@pytest.mark.parametrize(
    "rules",
    [
        CellRules(),
        CellRules(dedicated=True),
        CellRules(network="none"),
        CellRules(dedicated=True, network=("a.example:443", "10.0.0.1:5432")),
    ],
)
def test_what_was_written_is_read_again(rules: CellRules) -> None:
    assert cell.read(cell.written(rules)) == rules


@pytest.mark.parametrize(
    ("text", "language", "kept"),
    [
        (None, "python3", '{"dedicated":true}'),
        ('{"network":"none"}', "bun", '{"dedicated":true,"network":"none"}'),
        ('{"network":"none"}', "go", '{"network":"none"}'),
        (None, None, None),
    ],
)
def test_a_step_whose_language_can_is_kept_beside_what_its_script_asks(
    text: str | None, language: str | None, kept: str | None
) -> None:
    assert cell.kept(text, language) == kept


LISTED = ["API.example.com:443", "10.0.0.1:80", "api.example.com:443"]


@pytest.mark.parametrize(
    ("value", "network"),
    [
        (None, ""),
        ("", ""),
        ([], ""),
        ("none", "none"),
        ("host", "host"),
        (LISTED, ("api.example.com:443", "10.0.0.1:80")),
    ],
)
def test_a_network_is_read_from_what_a_person_writes(value: Any, network: Network) -> None:
    assert read_network(value) == network


@pytest.mark.parametrize(
    "value",
    [
        *("all", 1, True, {"a": 1}, ["a"], ["a:0"], ["a:65536"], ["*.a:443"], ["a b:1"], [7]),
        *(["::1:443"], ["[::1]:443"], ["256.1.1.1:80"], ["1.2.3:80"], ["a:443/x"], ["-a:1"]),
        ["a:1"] * 41,
    ],
)
def test_what_is_no_network_is_refused_by_name(value: Any) -> None:
    with pytest.raises(Invalid, match="network"):
        read_network(value)


@pytest.mark.parametrize(
    ("asked", "given", "granted"),
    [
        ("", "", "host"),
        ("", "none", "none"),
        ("", ("a:1",), ("a:1",)),
        ("host", "host", "host"),
        ("none", "host", "none"),
        ("none", ("a:1",), "none"),
        (("a:1",), "host", ("a:1",)),
        (("a:1",), ("a:1", "b:1"), ("a:1",)),
        (("a:1",), ("b:1",), None),
        (("a:1",), "none", None),
        ("host", "none", None),
        ("host", ("a:1",), None),
    ],
)
def test_a_version_gets_less_than_the_worker_gives_and_never_more(
    asked: Network, given: Network, granted: Network | None
) -> None:
    assert cell.narrowed(asked, given) == granted


def test_the_preprocessor_of_a_script_is_not_kept() -> None:
    """Its process would begin at `main`."""
    asked = cell.written(CellRules(prepares=True))
    assert cell.read(asked) == CellRules(prepares=True)
    assert cell.kept(asked, "python3") == asked

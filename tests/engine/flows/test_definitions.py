"""What is kept of the flows that run, and how much memory it may take."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Iterator

import pytest

from tests.core.flow._build import flow, leaf
from windmill_lite.base.codec import Json, loads
from windmill_lite.engine.flows.facts.definitions import Kept, weight
from windmill_lite.model import limits
from windmill_lite.model.openflow import read

RECORDS: Json = [{"id": n, "name": f"name {n}", "tags": [f"a{n}", f"b{n}"]} for n in range(5_000)]
VALUES: dict[str, Json] = {
    "records": RECORDS,
    "numbers": list(range(1_000, 100_000)),
    "small objects": [{"a": 1}] * 20_000,
    "lists": [[0]] * 20_000,
    "texts": ["x" * 1_000 + str(n) for n in range(500)],
}


@pytest.fixture(autouse=True)
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.parametrize("name", VALUES)
def test_the_weight_of_json_is_what_it_takes_once_it_is_read(name: str) -> None:
    text = json.dumps(VALUES[name], separators=(",", ":"))
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    kept = loads(text, what="args")
    held = tracemalloc.get_traced_memory()[0] - before
    assert held <= weight(text) * 1.1
    assert weight(text) <= held * 3
    assert kept


def test_the_weight_of_a_definition_is_what_it_takes_once_it_is_read() -> None:
    text = json.dumps(flow(*(leaf(f"s{n}", v="results.a.b + 1") for n in range(1_000))))
    before, _ = tracemalloc.get_traced_memory()
    kept = read(loads(text, what="flow"))
    held = tracemalloc.get_traced_memory()[0] - before
    assert held <= weight(text) * 1.1
    assert kept.modules


def test_what_is_kept_takes_so_much_memory_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DEFINITIONS_BYTES", 4 * 1024**2)
    text = json.dumps(RECORDS, separators=(",", ":"))
    kept = Kept[int, Json]()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(20):
        kept.keep(number, loads(text, what="args"), size=weight(text))
        assert kept.get(number) is not None
    assert tracemalloc.get_traced_memory()[0] - before <= 5 * 1024**2
    kept.keep(20, [], size=limits.DEFINITIONS_BYTES + 1)
    assert kept.get(20) is None, "it is read for every step"

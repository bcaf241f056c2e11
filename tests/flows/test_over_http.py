"""A part of the corpus as its users run it: asked for over HTTP, in cells of a real worker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests._toolchains import lend, needs
from tests.flows._case import NOTHING, Case
from tests.flows._judge import same
from tests.flows.corpus import CASES
from tests.flows.corpus.languages import BASH, TYPESCRIPT
from tests.roles._client import Client, admin_of
from tests.roles.conftest import starting

PREVIEW = "/api/w/main/jobs/run/preview_flow"
REAL = tuple(case for case in CASES if case.real)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("flows")
    (home / "solo" / "data").mkdir(parents=True)
    lend(home / "solo" / "data")
    with starting(home) as start:
        yield admin_of(start("--install-runtimes", "never", "--workers", "4"))


def _faults(client: Client, cases: Sequence[Case]) -> list[str]:
    asked = []
    for case in cases:
        answer = client.post(PREVIEW, {"value": case.flow, "args": dict(case.args)})
        assert answer.status == 201, f"{case.says}: {answer}"
        asked.append((case, answer.body))
    return [words for case, id in asked for words in _complaints(case, client.done(id))]


def _complaints(case: Case, job: dict[str, object]) -> Iterator[str]:
    good = case.fails is NOTHING
    if job["success"] is not good:
        yield f"{case.says}: success is {job['success']}"
    if not same(case.gives if good else case.fails, job["result"]):
        yield f"{case.says}: its result is {job['result']!r}"
    if job["is_skipped"] is not case.skipped:
        yield f"{case.says}: is_skipped is {job['is_skipped']}"


def test_a_tenth_of_the_corpus_ends_as_it_should(client: Client) -> None:
    assert len(REAL) >= len(CASES) // 10
    faults = _faults(client, (*REAL, *BASH))
    assert not faults, "\n".join(faults)


@needs("bun")
def test_flows_with_typescript_end_as_they_should(client: Client) -> None:
    faults = _faults(client, TYPESCRIPT)
    assert not faults, "\n".join(faults)


COUNTS = """
import secrets
count, me = 0, secrets.token_hex()
def main():
    global count
    count += 1
    return [me, count]
"""


def test_a_deployed_flow_with_kept_processes_asks_the_same_one_for_steps_of_the_same_text(
    client: Client,
) -> None:
    def inline(id: str, content: str, language: str = "python3") -> dict[str, object]:
        value = {"type": "rawscript", "language": language, "content": content}
        return {"id": id, "value": value | {"input_transforms": {}}}

    last = {"type": "javascript", "expr": "[results.a, results.b, results.c, results.d]"}
    steps = [inline(id, COUNTS) for id in ("a", "b")]
    steps += [inline("c", f"{COUNTS}# other"), inline("d", "echo bash", "bash")]
    steps.append(inline("e", "def main(all): return all"))
    steps[-1]["value"] |= {"input_transforms": {"all": last}}  # type: ignore[operator]
    new = {"path": "f/x/kept", "summary": "", "value": {"modules": steps}}
    made = client.post("/api/w/main/flows/create", new | {"dedicated_worker": True})
    assert made.status == 201, made
    for run in (0, 1):
        id = client.post("/api/w/main/jobs/run/f/f/x/kept", {}).body
        (one, first), (same, second), (other, third), told = client.done(id)["result"]
        assert (one == same, one == other, told) == (True, False, "bash")
        assert (first, second, third) == (2 * run + 1, 2 * run + 2, run + 1)

"""The reach of limited tokens, as a table."""

from __future__ import annotations

from uuid import UUID

import pytest

from windmill_lite.core.token_scopes import Action, Need, allowed
from windmill_lite.model.identity import Login, TokenKind

READ_SCRIPTS = Need("scripts", Action.READ)
READ_A = Need("scripts", Action.READ, path="f/a/x")
WRITE_A = Need("scripts", Action.WRITE, path="f/a/x")
RUN_A = Need("jobs", Action.RUN, kind="scripts", path="f/a/x")
RUN_HASH = Need("jobs", Action.RUN, kind="scripts")
PREVIEW = Need("jobs", Action.RUN, kind="previews")
READ_JOBS = Need("jobs", Action.READ)
OWN = Need("users", Action.OWN)


def holder(*scopes: str, read_only: bool = False, workspace: str | None = None) -> Login:
    return Login(
        "a@b.c",
        TokenKind.USER,
        "prefix",
        scopes=scopes or None,
        read_only=read_only,
        workspace=workspace,
    )


@pytest.mark.parametrize("need", [READ_SCRIPTS, WRITE_A, RUN_A, RUN_HASH, PREVIEW, OWN])
def test_an_unlimited_token_reaches_everything(need: Need) -> None:
    assert allowed(holder(), need)


@pytest.mark.parametrize(
    ("scope", "need"),
    [
        ("scripts:read", READ_SCRIPTS),
        ("scripts:read", READ_A),
        ("scripts:write", READ_A),
        ("scripts:write", WRITE_A),
        ("scripts:read:f/a/x", READ_A),
        ("scripts:read:f/a/*", READ_A),
        ("scripts:read:f/b/y,f/a/x", READ_A),
        ("scripts:write:*", WRITE_A),
        ("jobs:run", RUN_A),
        ("jobs:run", RUN_HASH),
        ("jobs:run", PREVIEW),
        ("jobs:run:scripts", RUN_A),
        ("jobs:run:scripts", RUN_HASH),
        ("jobs:run:scripts:f/a/x", RUN_A),
        ("jobs:run:scripts:f/a/*", RUN_A),
    ],
)
def test_a_scope_grants(scope: str, need: Need) -> None:
    assert allowed(holder(scope), need)


@pytest.mark.parametrize(
    ("scope", "need"),
    [
        ("scripts:read", WRITE_A),
        ("scripts:read:f/a/y", READ_A),
        ("scripts:read:f/a", READ_A),
        ("scripts:read:f/a/*", READ_SCRIPTS),
        ("scripts:read:f/a*", READ_A),
        ("scripts:write", READ_JOBS),
        ("scripts:write", RUN_A),
        ("scripts", READ_A),
        ("scripts:", READ_A),
        ("scripts:read:", READ_A),
        ("scripts:read:f/a/x:more", READ_A),
        ("*", READ_A),
        ("*:*", READ_A),
        ("", READ_A),
        ("jobs:read", RUN_A),
        ("jobs:write", RUN_A),
        ("jobs:run", READ_JOBS),
        ("jobs:run:", RUN_A),
        ("jobs:run:flows", RUN_A),
        ("jobs:run:flows:f/a/x", RUN_A),
        ("jobs:run:scripts", PREVIEW),
        ("jobs:run:scripts:f/a/x", RUN_HASH),
        ("jobs:run:scripts:f/a/x", PREVIEW),
        ("jobs:run:scripts:f/ab/*", RUN_A),
        ("users:own", OWN),
        ("users:write", OWN),
    ],
)
def test_what_a_scope_does_not_name_is_denied(scope: str, need: Need) -> None:
    assert not allowed(holder(scope), need)


@pytest.mark.parametrize("need", [WRITE_A, RUN_A, PREVIEW, OWN])
def test_a_read_only_token_changes_nothing(need: Need) -> None:
    assert not allowed(holder(read_only=True), need)
    assert allowed(holder(read_only=True), READ_A)


def test_read_only_and_scopes_limit_together() -> None:
    assert not allowed(holder("scripts:write", read_only=True), WRITE_A)
    assert allowed(holder("scripts:write", read_only=True), READ_A)
    assert not allowed(holder("jobs:read", read_only=True), READ_A)


def test_a_token_of_one_workspace_or_of_a_job_never_reaches_the_account() -> None:
    assert not allowed(holder(workspace="w"), OWN)
    assert allowed(holder(workspace="w"), WRITE_A)
    job = Login("a@b.c", TokenKind.JOB, "prefix", job_id=UUID(int=1))
    assert not allowed(job, OWN)


def test_an_empty_list_of_scopes_grants_nothing() -> None:
    nothing = Login("a@b.c", TokenKind.USER, "prefix", scopes=())
    assert not allowed(nothing, READ_A)

"""Secrets in output, however it is cut into pieces and however they are written."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windmill_lite.core.jobs.masking import Masker
from windmill_lite.model import limits


def masked(text: bytes | str, *secrets: str, size: int = 1_000_000) -> bytes:
    raw = text.encode() if isinstance(text, str) else text
    told = bytearray()
    masker = Masker(secrets, told.extend)
    for at in range(0, len(raw), size):
        masker.feed(raw[at : at + size])
    masker.end()
    return bytes(told)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_secret_is_masked_wherever_the_output_is_cut(size: int) -> None:
    assert masked("say hush-hush twice: hush-hush", "hush-hush", size=size) == (
        b"say **** twice: ****"
    )


@pytest.mark.parametrize(
    "written",
    [
        json.dumps('a "quoted" secret/é'),
        json.dumps('a "quoted" secret/é', ensure_ascii=False),
        quote('a "quoted" secret/é'),
        quote('a "quoted" secret/é', safe=""),
        *(base64.b64encode(b"x" * n + 'a "quoted" secret/é'.encode() + b"tail") for n in range(3)),
        base64.urlsafe_b64encode(b"user:" + 'a "quoted" secret/é'.encode()),
    ],
)
def test_a_secret_is_known_in_other_spellings(written: str | bytes) -> None:
    said = masked(written, 'a "quoted" secret/é')
    assert b"****" in said
    assert len(said) < 25


@pytest.mark.parametrize("write", [repr, json.dumps, lambda text: repr(text.encode())])
def test_a_secret_is_known_as_programs_show_it(write: Callable[[str], str]) -> None:
    secret = 'it\'s "one" \\ line é\nand another\tone\n'
    assert masked(f"[{write(secret)}]", secret).strip(b"b'\"[]") == b"****"


def test_the_lines_of_a_secret_are_secrets() -> None:
    key = "-----BEGIN-----\nAAAABBBBCCCC\nshort\n-----END KEY-----\n"
    assert masked("line AAAABBBBCCCC and short\n", key) == b"line **** and short\n"
    assert masked(key, key) == b"****"


def test_what_is_short_is_left_alone() -> None:
    assert masked("{1: 12345}", "1", "{", "12345") == b"{1: 12345}"


def test_a_secret_within_another_does_not_hide_its_rest() -> None:
    assert masked("secret-and-more", "secret", "secret-and-more") == b"****"


def test_nothing_else_waits() -> None:
    told: list[bytes] = []
    masker = Masker(["hush-hush"], told.append)
    masker.feed(b"done 50 %")
    assert told == [b"done 50 %"]
    masker.feed(b" hush")
    assert told[1:] == [b" "]
    masker.feed(b"ed")
    assert told[2:] == [b"hushed"]


def test_texts_in_a_failure_are_masked() -> None:
    masker = Masker(["hush-hush"], lambda _: None)
    error = {"error": {"message": "no hush-hush here", "lines": ["hush-hush", 3, None]}}
    assert masker.hidden(error) == {
        "error": {"message": "no **** here", "lines": ["****", 3, None]}
    }


@given(
    st.text(min_size=limits.MASKED_CHARS_MIN, max_size=30),
    st.lists(st.binary(max_size=20), max_size=6),
    st.integers(1, 9),
)
def test_no_cut_lets_a_secret_through(secret: str, around: list[bytes], size: int) -> None:
    raw = secret.encode("utf-8", "surrogatepass")
    said = masked(raw.join([b"<", *around, b">"]), secret, size=size)
    assert raw not in said


@given(st.binary(max_size=100), st.integers(1, 9))
def test_what_holds_no_secret_passes_as_it_is(raw: bytes, size: int) -> None:
    assert masked(raw, "never said in here", size=size) == raw

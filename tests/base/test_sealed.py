"""Sealed text opens with its key, in its place, as it was, and in no other way."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windmill_lite.base.errors import Invalid
from windmill_lite.base.keyfile import make_key, parse_key, read_key
from windmill_lite.base.sealed import Closed, new_key, number_of, seal, unseal

PLACE = "variable:main:u/ada/token"


@given(st.text(st.characters(codec="utf-8")))
def test_what_was_sealed_opens_as_it_was(text: str) -> None:
    key = new_key(7)
    sealed = seal(key, text, place=PLACE)
    assert unseal(key, sealed, place=PLACE) == text
    assert number_of(sealed) == 7
    assert len(base64.b64decode(sealed)) % 16 == 0


def test_the_same_text_is_never_sealed_into_the_same() -> None:
    key = new_key()
    assert seal(key, "hush", place=PLACE) != seal(key, "hush", place=PLACE)


def test_it_opens_nowhere_else() -> None:
    key = new_key()
    sealed = seal(key, "hush", place=PLACE)
    with pytest.raises(Closed):
        unseal(key, sealed, place="variable:main:u/bob/token")
    with pytest.raises(Closed):
        unseal(new_key(), sealed, place=PLACE)


def test_a_changed_byte_closes_it() -> None:
    key = new_key()
    raw = base64.b64decode(seal(key, "hush", place=PLACE))
    for at in range(len(raw)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        with pytest.raises(Closed):
            unseal(key, base64.b64encode(changed).decode(), place=PLACE)


@pytest.mark.parametrize("text", ["", "hush", "aGVsbG8=", "AAAA" * 40, "é" * 64])
def test_what_was_never_sealed_is_told_apart(text: str) -> None:
    with pytest.raises(Closed):
        unseal(new_key(), text, place=PLACE)


def test_a_key_is_not_printed() -> None:
    key = new_key()
    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)


def test_a_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    key = make_key(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_key(file) == key
    assert make_key(file) == key, "somebody was faster"
    assert [each.name for each in tmp_path.iterdir()] == ["secret.key"]


def test_a_key_is_read_in_hex_and_in_base64() -> None:
    key = new_key()
    assert parse_key(f"{key.secret.hex()}\n", where="it") == key
    assert parse_key(base64.b64encode(key.secret).decode(), where="it") == key


@pytest.mark.parametrize("text", ["", "hush", "00" * 31, "00" * 33, "zz" * 32])
def test_what_is_no_key_is_refused_without_being_told(text: str) -> None:
    with pytest.raises(Invalid, match="is no secret key") as refusal:
        parse_key(text, where="it")
    assert not text or text not in refusal.value.message

"""Packages come from where npm, pip and uv of the environment would get them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from windmill_lite.runtimes.packs import indexes

PUBLIC = "https://pypi.org/simple/"
NO_FILES = {"PIP_CONFIG_FILE": os.devnull}


def npmrc(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / "npmrc"
    file.write_text(text)
    return {"npm_config_userconfig": str(file), "HOME": str(tmp_path)}


def test_without_anything_set_the_public_ones_are_asked(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path)} | NO_FILES
    assert indexes.pypi(env) == [PUBLIC]
    assert indexes.npm("x", npmrc(tmp_path, "")).registry == "https://registry.npmjs.org/"


@pytest.mark.parametrize(
    ("env", "asked"),
    [
        ({"PIP_INDEX_URL": "https://a/s"}, ["https://a/s/"]),
        ({"PIP_EXTRA_INDEX_URL": "https://a/s https://b"}, ["https://a/s/", "https://b/", PUBLIC]),
        ({"UV_DEFAULT_INDEX": "https://u/"}, ["https://u/"]),
        ({"UV_INDEX": "mine=https://u/s"}, ["https://u/s/", PUBLIC]),
        ({"UV_INDEX_URL": "https://u", "PIP_INDEX_URL": "https://u/"}, ["https://u/"]),
    ],
)
def test_indexes_of_the_environment_are_asked(env: dict[str, str], asked: list[str]) -> None:
    assert indexes.pypi(env | NO_FILES) == asked


def test_indexes_of_pips_file_are_asked_and_the_environment_wins(tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nindex_url = https://a/\nextra-index-url =\n  https://b\n  https://c\n"
    )
    env = {"PIP_CONFIG_FILE": str(file), "HOME": str(tmp_path)}
    found = indexes.pypi(env)
    assert [found[0], *found[-2:]] == ["https://a/", "https://b/", "https://c/"]
    assert "https://z/" in indexes.pypi(env | {"PIP_INDEX_URL": "https://z"})
    assert "https://a/" not in indexes.pypi(env | {"PIP_INDEX_URL": "https://z"})


def test_the_registry_of_a_scope_goes_before_the_one_of_all(tmp_path: Path) -> None:
    env = npmrc(tmp_path, "registry=https://all/\n@toys:registry = https://toys\n# registry=x\n")
    assert indexes.npm("@toys/tool", env).registry == "https://toys/"
    assert indexes.npm("@other/tool", env).registry == "https://all/"
    env["NPM_CONFIG_REGISTRY"] = "https://env"
    assert indexes.npm("tool", env).registry == "https://env/"


def test_a_token_belongs_to_an_address_and_may_come_from_a_variable(tmp_path: Path) -> None:
    env = npmrc(tmp_path, "//a/npm/:_authToken=${T}\n//a/npm/deep/:_authToken=d\n") | {"T": "t"}
    npm = indexes.npm("x", env)
    assert npm.token_for("https://a/npm/x") == "t"
    assert npm.token_for("https://a/npm/deep/x") == "d"
    assert npm.token_for("https://a/npmx") is None
    assert npm.token_for("https://b/npm/x") is None
    assert "t" not in repr(npm).replace("https", "")[-3:]

"""Imports and comments of a Python script become the packages it needs."""

from __future__ import annotations

import sys

import pytest

from windmill_lite.base.errors import Invalid
from windmill_lite.core.dependencies.lock import pins
from windmill_lite.core.dependencies.wanted import wanted

STANDARD = frozenset(sys.stdlib_module_names)


def of(*sources: str) -> list[str]:
    return list(wanted(sources, STANDARD).packages)


@pytest.mark.parametrize(
    ("source", "packages"),
    [
        ("import os, json\nfrom pathlib import Path\nimport xml.etree", []),
        ("import pandas as pd, numpy", ["numpy", "pandas"]),
        ("from sklearn.linear_model import Ridge\nimport PIL.Image", ["pillow", "scikit-learn"]),
        ("import yaml, bs4, psycopg2", ["beautifulsoup4", "psycopg2-binary", "PyYAML"]),
        (
            "from google.cloud import storage, bigquery\nimport google.auth",
            ["google-auth", "google-cloud-bigquery", "google-cloud-storage"],
        ),
        ("from google.cloud.new_thing import x", ["google-cloud-new_thing"]),
        ("from azure.storage.blob import BlobClient", ["azure-storage-blob"]),
        ("import wmill\nfrom wmill import get_variable", []),
        ("from f.ops.tools import x\nfrom u.ada.y import z\nfrom .near import w", []),
        ("from . import near\nfrom ..other.far import x", []),
        ("def main():\n    import httpx\n    return httpx", ["httpx"]),
        ("try:\n    import orjson\nexcept ImportError:\n    import json", ["orjson"]),
        ("if TYPE_CHECKING:\n    import ghost\nelse:\n    import real", ["real"]),
        ("import typing\nif typing.TYPE_CHECKING:\n    import ghost", []),
        ("class A:\n    import inner", ["inner"]),
        ("match 1:\n    case 1:\n        import matched", ["matched"]),
        ("this is no Python", []),
        ("import httpx # pin: httpx==0.27.0", ["httpx==0.27.0"]),
        ("import mytool # pin: my-tool[fast]>=1,<2", ["my-tool[fast]>=1,<2"]),
        (
            "#requirements:\n#httpx==0.27\n# rich >= 13\n\nimport pandas",
            ["httpx==0.27", "rich >= 13"],
        ),
        ("# requirements:\nimport pandas", []),
        ("#extra_requirements:\n#openpyxl\nimport pandas", ["openpyxl", "pandas"]),
        ("#extra_requirements:\n#pandas==3.0.0\nimport pandas", ["pandas==3.0.0"]),
        (
            ('# /// script\n# dependencies = [\n#   "httpx<1",\n# ]\n# ///\nimport pandas'),
            ["httpx<1"],
        ),
        ('# /// script\n# requires-python = ">=3.11"\n# ///\nimport pandas', ["pandas"]),
        ('# /// script\n# dependencies = ["x"]\nimport pandas', ["pandas"]),
    ],
)
def test_a_script_needs_the_packages_it_imports_or_names(source: str, packages: list[str]) -> None:
    assert of(source) == packages


def test_what_imported_scripts_need_is_needed_too() -> None:
    assert of("import httpx", "import httpx # pin: httpx==0.27.0", "import rich") == [
        "httpx==0.27.0",
        "rich",
    ]


def test_a_repeated_pin_takes_the_place_of_all_others() -> None:
    assert of("import httpx # repin: httpx==0.28.0", "import httpx # pin: httpx==0.27.0") == [
        "httpx==0.28.0"
    ]


def test_the_versions_of_python_are_read() -> None:
    script = '# py: >=3.11, <4\n#py: 3.12\n# /// script\n# requires-python = ">=3.10"\n# ///\n'
    assert wanted([script], STANDARD).pythons == (">=3.11, <4", "==3.12.*", ">=3.10")


@pytest.mark.parametrize(
    "line",
    [
        "x @ https://elsewhere.example/x.whl",
        "x @ file:///etc",
        "--index-url https://elsewhere.example",
        "-r other.txt",
        "./x",
        "git+https://elsewhere.example/x",
        "x==1 --no-deps",
    ],
)
def test_what_is_not_of_a_registry_is_refused_by_name(line: str) -> None:
    with pytest.raises(Invalid, match="is no package of a registry"):
        of(f"#requirements:\n#{line}\n")
    with pytest.raises(Invalid, match="which is no package==version"):
        pins(f"six==1.17.0\n{line}\n")


def test_metadata_that_is_no_toml_is_refused_with_its_line() -> None:
    with pytest.raises(Invalid, match="line 2: the script metadata is no TOML"):
        of("\n# /// script\n# dependencies = [\n# ///\n")


def test_locks_of_any_writer_are_read() -> None:
    lock = (
        "# py: 3.11\nSix==1.17.0 \\\n    --hash=sha256:aa11 \\\n    --hash=sha256:bb22\n"
        "    # via python-dateutil\npython_dateutil==2.9.0 ; python_version < '4'  # via pandas\n"
    )
    assert [(pin.name, pin.line) for pin in pins(lock)] == [
        ("python-dateutil", "python_dateutil==2.9.0 ; python_version < '4'"),
        ("six", "Six==1.17.0 --hash=sha256:aa11 --hash=sha256:bb22"),
    ]


def test_a_long_text_takes_no_longer_than_its_length_says() -> None:
    assert of("import a\n" * 20_000) == ["a"]

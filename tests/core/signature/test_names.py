"""Type names become resource type names as Windmill spells them."""

from __future__ import annotations

import pytest

from windmill_lite.core.signature.names import resource_name, snake_case


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("S3Object", "s3_object"),
        ("ABC", "abc"),
        ("AaBC", "aa_bc"),
        ("Test123Case", "test123_case"),
        ("S_3", "s_3"),
        ("HTTPServer", "http_server"),
        ("ABCd", "ab_cd"),
        ("AB1C", "ab1_c"),
        ("A1B2", "a1_b2"),
        ("aB", "a_b"),
        ("fooBarBAZ", "foo_bar_baz"),
        ("a__B", "a_b"),
        ("_A", "a"),
        ("Aa_Bb", "aa_bb"),
        ("X509Cert", "x509_cert"),
        ("S3", "s3"),
        ("postgresql", "postgresql"),
        ("ms_sql_server", "ms_sql_server"),
        ("", ""),
    ],
)
def test_camel_case_becomes_snake_case(name: str, expected: str) -> None:
    assert snake_case(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("S3Object", "s3_object"), ("MyType", "MyType"), ("pg", "pg")]
)
def test_python_names_keep_their_case_but_for_s3(name: str, expected: str) -> None:
    assert resource_name(name) == expected

"""DuckDB scripts in cells; the first one installs it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests._toolchains import built, needs, toolchains
from tests.runtimes.conftest import Scripts
from windmill_lite.runtimes import databases

LANGUAGES = {runtime.language: runtime for runtime in databases(toolchains(), built())}


@pytest.fixture
def duckdb(scripts: Scripts) -> Scripts:
    return replace(scripts, runtime=LANGUAGES["duckdb"])


@needs("uv")
@pytest.mark.timeout(300)
async def test_values_are_bound_by_name_and_rows_are_read_faithfully(duckdb: Scripts) -> None:
    code = """
        -- $n (int) = 2
        -- $words (text[])
        -- $raw (blob)
        create table t as select unnest($words) as word;
        select word, $n + 1 as n, $raw as raw, 12345678901234567890.12::decimal(30, 2) as d,
          170141183460469231731687303715884105727::hugeint as h, 'nan'::double as nan,
          {'a': [1, null], 'b': date '2024-02-29'} as s, map {'k': 1.50} as m,
          timestamp '2024-02-29 10:00:00.5' as ts, time '10:00' as ti, interval 1 day as iv,
          '3f333df6-90a4-4fda-8dd3-9485d27cee36'::uuid as u, '$n' as quoted
        from t order by word limit 1
    """
    (row,) = await duckdb.result(code, words=["it's", "b"], raw="AAH/")
    assert row == {
        "word": "b",
        "n": 3,
        "raw": "AAH/",
        "d": pytest.approx(12345678901234567890.12),
        "h": 170141183460469231731687303715884105727,
        "nan": None,
        "s": {"a": [1, None], "b": "2024-02-29"},
        "m": {"k": 1.5},
        "ts": "2024-02-29T10:00:00.500000",
        "ti": "10:00:00",
        "iv": "1 day, 0:00:00",
        "u": "3f333df6-90a4-4fda-8dd3-9485d27cee36",
        "quoted": "$n",
    }
    error = await duckdb.error("select 1;\nselect x from nowhere")
    assert error["name"] == "CatalogException"
    assert error["message"].startswith(
        "statement 2, line 2: Catalog Error: Table with name nowhere"
    )
    many = await duckdb.result("select count(*) as n from range(100000)")
    assert many == [{"n": 100000}]

"""What a script's options ask of its runs, and what is wrong with them."""

from __future__ import annotations

import pytest

from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Invalid
from windmill_lite.core.jobs.settings import UNSUPPORTED, read, refuse_unsupported
from windmill_lite.model.script import Concurrency, Debouncing, RunSettings


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        ({}, RunSettings()),
        ({"labels": ["x"], "ws_error_handler_muted": True}, RunSettings()),
        ({"priority": 7}, RunSettings(priority=7)),
        ({"concurrent_limit": 2}, RunSettings(concurrency=Concurrency(2, None, None))),
        (
            {"concurrent_limit": 2, "concurrency_time_window_s": 0, "concurrency_key": ""},
            RunSettings(concurrency=Concurrency(2, None, None)),
        ),
        (
            {"concurrent_limit": 2, "concurrency_time_window_s": 9, "concurrency_key": "k"},
            RunSettings(concurrency=Concurrency(2, 9, "k")),
        ),
        ({"cache_ttl": 0}, RunSettings()),
        ({"cache_ttl": 1.2}, RunSettings(cache_ttl_s=2)),
        ({"debounce_delay_s": 0}, RunSettings()),
        (
            {
                "debounce_delay_s": 5,
                "debounce_key": "k",
                "max_total_debouncing_time": 60,
                "max_total_debounces_amount": 9,
                "debounce_args_to_accumulate": ["items"],
            },
            RunSettings(debouncing=Debouncing(5, "k", 60, 9, ("items",))),
        ),
        ({"delete_after_secs": 0}, RunSettings(delete_after_s=0)),
        ({"delete_after_secs": 9, "delete_after_use": True}, RunSettings(delete_after_s=9)),
        ({"delete_after_use": True}, RunSettings(delete_after_s=0)),
        ({"delete_after_use": False}, RunSettings()),
        ({"on_worker_loss": "fail"}, RunSettings(at_most_once=True)),
        ({"on_worker_loss": "restart"}, RunSettings()),
    ],
)
def test_options_are_read(options: dict[str, Json], settings: RunSettings) -> None:
    assert read(options) == settings


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"priority": 101}, "priority"),
        ({"priority": -1}, "priority"),
        ({"priority": "high"}, "priority"),
        ({"concurrent_limit": 0}, "concurrent_limit"),
        ({"concurrent_limit": True}, "concurrent_limit"),
        ({"concurrency_key": "k"}, "concurrency_key"),
        ({"concurrent_limit": 1, "concurrency_key": 5}, "concurrency_key"),
        ({"concurrent_limit": 1, "concurrency_key": "a\0b"}, "concurrency_key"),
        ({"concurrent_limit": 1, "concurrency_key": "k" * 300}, "concurrency_key"),
        ({"concurrency_time_window_s": 5}, "concurrency_time_window_s"),
        ({"debounce_key": "k"}, "debounce_key"),
        ({"max_total_debouncing_time": 5}, "max_total_debouncing_time"),
        ({"debounce_delay_s": 1, "debounce_args_to_accumulate": "a"}, "debounce_args"),
        ({"debounce_delay_s": 1, "debounce_args_to_accumulate": ["a"] * 99}, "debounce_args"),
        ({"cache_ttl": -1}, "cache_ttl"),
        ({"cache_ttl": "long"}, "cache_ttl"),
        ({"cache_ttl": True}, "cache_ttl"),
        ({"cache_ttl": 1e12}, "cache_ttl"),
        ({"delete_after_secs": -1}, "delete_after_secs"),
        ({"delete_after_use": "x"}, "delete_after_use"),
        ({"on_worker_loss": "never"}, "on_worker_loss"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, Json], field: str) -> None:
    with pytest.raises(Invalid, match=field) as caught:
        read(options)
    assert str(caught.value.field).startswith(field)


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_cannot_be_done_is_refused_unless_it_is_set_to_nothing(name: str) -> None:
    nothings: list[Json] = [None, False, "", [], {}]
    for nothing in nothings:
        refuse_unsupported({name: nothing})
    with pytest.raises(Invalid, match=name):
        refuse_unsupported({name: True})

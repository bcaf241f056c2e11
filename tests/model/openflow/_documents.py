"""Flows for the tests: a corpus by hand, and any flow at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st


def leaf(id: str, **inputs: str) -> dict[str, Any]:
    """A step that runs code, with expressions for its arguments."""
    transforms = {name: {"type": "javascript", "expr": expr} for name, expr in inputs.items()}
    value = {
        "type": "rawscript",
        "content": "def main(): pass",
        "language": "python3",
        "input_transforms": transforms,
    }
    return {"id": id, "value": value}


def loop(id: str, *body: dict[str, Any], over: str = "[1, 2]", **options: Any) -> dict[str, Any]:
    iterator = {"type": "javascript", "expr": over}
    value = {"type": "forloopflow", "modules": list(body), "iterator": iterator, **options}
    return {"id": id, "value": value}


def nested(depth: int) -> dict[str, Any]:
    inner = leaf("x")
    for level in range(depth):
        inner = loop(f"l{level}", inner)
    return {"modules": [inner]}


_EVERYTHING = {
    "modules": [
        leaf("a", x="flow_input.x")
        | {
            "summary": "first",
            "stop_after_if": {
                "expr": "result.stop",
                "skip_if_stopped": True,
                "error_message": "no",
                "error_include_result": True,
            },
            "skip_if": {"expr": "!flow_input.x"},
            "sleep": {"type": "javascript", "expr": "1 + 1"},
            "timeout": {"type": "javascript", "expr": "flow_input.t"},
            "suspend": {
                "required_events": 2,
                "timeout": 60,
                "resume_form": {"schema": {"type": "object"}},
                "user_auth_required": True,
                "user_groups_required": {"type": "javascript", "expr": "['ops']"},
                "self_approval_disabled": True,
                "hide_cancel": True,
                "continue_on_disapprove_timeout": True,
            },
            "retry": {
                "constant": {"attempts": 1, "seconds": 2},
                "exponential": {
                    "attempts": 3,
                    "multiplier": 1,
                    "seconds": 5,
                    "random_factor": 10,
                },
                "retry_if": {"expr": "error.name == 'Busy'"},
            },
            "continue_on_error": True,
            "cache_ttl": 60,
            "mock": {"enabled": False, "return_value": {"a": 1}},
            "priority": 5,
            "delete_after_use": True,
            "assets": [{"path": "u/a/b"}],
        },
        loop(
            "l",
            leaf("i", y="flow_input.iter.value"),
            over="results.a",
            parallel=True,
            parallelism={"type": "javascript", "expr": "4"},
            skip_failures=True,
            squash=True,
        )
        | {"stop_after_all_iters_if": {"expr": "result.length > 3"}},
        {
            "id": "b",
            "value": {
                "type": "branchone",
                "branches": [
                    {"expr": "results.l.length == 0", "summary": "none", "modules": [leaf("c")]}
                ],
                "default": [leaf("d", z="previous_result")],
            },
        },
        {
            "id": "e",
            "value": {
                "type": "branchall",
                "parallel": False,
                "branches": [{"skip_failure": True, "parallel": True, "modules": []}],
            },
        },
        {"id": "w", "value": {"type": "whileloopflow", "modules": [], "skip_failures": False}},
        {"id": "s", "value": {"type": "script", "path": "hub/1/x/y", "hash": "00ab"}},
        {"id": "f", "value": {"type": "flow", "path": "f/ops/sub", "input_transforms": {}}},
        {"id": "n", "value": {"type": "identity"}},
    ],
    "failure_module": leaf("failure", e="error.message"),
    "preprocessor_module": leaf("preprocessor"),
    "same_worker": True,
    "skip_expr": "flow_input.off",
    "flow_env": {"URL": "https://x", "n": 1},
    "early_return": "a",
    "cache_ttl": 5,
    "priority": 1,
    "concurrent_limit": 1,
    "concurrency_key": "$workspace",
    "concurrency_time_window_s": 10,
    "debounce_delay_s": 1,
    "debounce_key": "k",
    "debounce_args_to_accumulate": ["xs"],
    "max_total_debouncing_time": 10,
    "max_total_debounces_amount": 3,
    "chat_input_enabled": True,
    "preserve_step_tags": True,
    "notes": [{"id": "n1", "text": "mind the gap", "position": {"x": 1.5, "y": 0}}],
    "groups": [{"summary": "g", "start_id": "a"}],
    "of_a_later_version": {"deep": [None, {"er": 1e-3}]},
}

CORPUS: Mapping[str, Any] = {
    "everything": _EVERYTHING,
    "empty": {"modules": []},
    "nested": nested(10),
    "agent": {
        "modules": [
            {
                "id": "agent",
                "value": {
                    "type": "aiagent",
                    "input_transforms": {
                        "user_message": {"type": "static", "value": "hello"},
                        "provider": {"type": "javascript", "expr": "flow_input.p"},
                    },
                    "tools": [{"id": "t", "summary": "s", "value": {"tool_type": "websearch"}}],
                },
            }
        ]
    },
    "unknown fields": {
        "modules": [leaf("a") | {"x": {"y": [1, 2.0, "é", None]}}],
        "z": {"modules": "not these"},
    },
    "nulls": {"modules": [leaf("a") | {"retry": None}], "failure_module": None, "notes": None},
}

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_unknown = st.dictionaries(st.text(min_size=12, max_size=15), _json, max_size=2)
_expr = st.text(min_size=1, max_size=20).filter(lambda text: bool(text.strip()))
_transform = st.one_of(
    st.builds(lambda v: {"type": "static", "value": v}, _json),
    st.builds(lambda e: {"type": "javascript", "expr": e}, _expr),
)
_number = st.integers(0, 1000) | st.builds(lambda e: {"type": "javascript", "expr": e}, _expr)
_stop = st.builds(lambda e, s: {"expr": e, "skip_if_stopped": s}, _expr, st.booleans())
_options = st.fixed_dictionaries(
    {},
    optional={
        "summary": st.text(),
        "stop_after_if": _stop,
        "stop_after_all_iters_if": _stop,
        "skip_if": st.builds(lambda e: {"expr": e}, _expr),
        "sleep": _number,
        "timeout": _number,
        "suspend": st.builds(lambda n: {"required_events": n}, st.integers(0, 3)),
        "retry": st.builds(
            lambda n: {"constant": {"attempts": n, "seconds": 1}}, st.integers(0, 3)
        ),
        "continue_on_error": st.booleans(),
        "mock": st.builds(lambda v: {"enabled": True, "return_value": v}, _json),
        "delete_after_use": st.booleans(),
    },
)


def _values(modules: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    branch = st.builds(lambda e, m: {"expr": e, "modules": m}, _expr, modules)
    return st.one_of(
        st.just({"type": "identity"}),
        st.builds(
            lambda i: leaf("", x="1")["value"] | {"input_transforms": i},
            st.dictionaries(st.text(max_size=5), _transform, max_size=3),
        ),
        st.builds(lambda p: {"type": "script", "path": f"u/a/{p}"}, st.sampled_from("xyz")),
        st.builds(
            lambda m, i, p: {"type": "forloopflow", "modules": m, "iterator": i, "parallel": p},
            modules,
            _transform,
            st.booleans(),
        ),
        st.builds(lambda m: {"type": "whileloopflow", "modules": m}, modules),
        st.builds(
            lambda b, d: {"type": "branchone", "branches": b, "default": d},
            st.lists(branch, max_size=2),
            modules,
        ),
        st.builds(lambda b: {"type": "branchall", "branches": b}, st.lists(branch, max_size=2)),
    )


def _module_lists() -> st.SearchStrategy[Any]:
    def deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        one = st.builds(
            lambda v, o, u: {"id": "?", "value": v, **o, **u}, _values(inner), _options, _unknown
        )
        return st.lists(one, max_size=3)

    return st.recursive(st.just([]), deeper, max_leaves=8)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Any flow, with ids that differ and fields nobody knows."""
    document = {"modules": draw(_module_lists()), **draw(_unknown)}
    _number_ids(document["modules"], [0])
    return document


def _number_ids(modules: list[dict[str, Any]], counter: list[int]) -> None:
    for module in modules:
        counter[0] += 1
        module["id"] = f"s{counter[0]}"
        value = module["value"]
        for inner in (value.get("modules", []), value.get("default", [])):
            _number_ids(inner, counter)
        for branch in value.get("branches", []):
            _number_ids(branch["modules"], counter)

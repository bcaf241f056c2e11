"""The whole document: its modules counted, their ids looked at, its own fields read."""

from __future__ import annotations

import re

from windmill_lite.base.codec import Json
from windmill_lite.base.errors import TooLarge
from windmill_lite.model import limits
from windmill_lite.model.openflow.kinds import concurrency, kind
from windmill_lite.model.openflow.node import Node, refuse, word_of
from windmill_lite.model.openflow.options import flow_condition, module
from windmill_lite.model.openflow.shape import Debounce, Flow, Module, RawScript, Script, SubFlow

_ID = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*\Z")
#: What the step that waits after a last module with `sleep` or `suspend` is called.
WAIT_SUFFIX = "-v"
#: Properties of every object, and the names an expression sees: a step of that name would hide one.
RESERVED = frozenset(
    {
        *("__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__"),
        *("__proto__", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable"),
        *("toLocaleString", "toString", "valueOf"),
        *("all_iters", "approvers", "error", "flow_env", "flow_input", "params"),
        *("previous_result", "resource", "result", "results", "resume", "resumes", "variable"),
    }
)


def read(document: Json) -> Flow:
    """A flow from its JSON value.

    Fails:   `Invalid` with the place in front, as in `modules[3].value.branches[1].modules[0].id:
             duplicate id "a"`; `TooLarge` for more modules than `FLOW_MODULES_MAX`.
    Bounds:  a text of at most `FLOW_BYTES_MAX` is the caller's business, who has the text.
    """
    if not isinstance(document, dict):
        raise refuse("value", f"a flow is an object, not {word_of(document)}")
    return _Reading().flow(Node(document, ""))


class _Reading:
    """The modules seen so far, of one document."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}
        self._depth = 0

    def flow(self, node: Node) -> Flow:
        node.required("modules")
        modules = self._modules(node, "modules")
        failure = self._lone(node, "failure")
        preprocessor = self._lone(node, "preprocessor")
        self._check_waits()
        env = node.node("flow_env")
        return Flow(
            document=node.raw,
            modules=modules,
            failure=failure,
            preprocessor=preprocessor,
            same_worker=node.flag("same_worker"),
            skip_if=flow_condition(node),
            env=None if env is None else env.raw,
            early_return=node.text("early_return") or None,
            cache_s=node.whole("cache_ttl"),
            priority=node.whole("priority", least=-(2**15), most=2**15 - 1),
            concurrency=concurrency(node, "concurrency_key"),
            debounce=_debounce(node),
            preserve_step_tags=node.flag("preserve_step_tags"),
            ids=frozenset(self._places),
        )

    def _modules(self, node: Node, key: str) -> tuple[Module, ...]:
        if self._depth > limits.FLOW_DEPTH_MAX:
            raise node.wrong(key, f"nested deeper than {limits.FLOW_DEPTH_MAX} containers")
        self._depth += 1
        found = tuple(map(self._module, node.nodes(key)))
        self._depth -= 1
        return found

    def _module(self, node: Node) -> Module:
        node.required("id")
        return self._named(node, node.text("id") or "")

    def _lone(self, node: Node, role: str) -> Module | None:
        """`failure_module`, `preprocessor_module`: without an id it is called what it is."""
        found = node.node(f"{role}_module")
        if found is None:
            return None
        read_one = self._named(found, found.text("id") or role)
        if not isinstance(read_one.kind, RawScript | Script | SubFlow):
            raise found.wrong("value.type", "must be script, rawscript or flow")
        return read_one

    def _named(self, node: Node, id: str) -> Module:
        self._note(node, id)
        value = node.node("value")
        if value is None:
            raise node.wrong("value", "is missing")
        return module(node, id, kind(value, self._modules))

    def _note(self, node: Node, id: str) -> None:
        if len(id) > limits.STEP_ID_CHARS_MAX:
            raise node.wrong("id", f"is longer than {limits.STEP_ID_CHARS_MAX} characters")
        if not _ID.match(id):
            raise node.wrong("id", f"{id!r} is not made of letters, digits, _ $ and -")
        if id in RESERVED:
            raise node.wrong("id", f'"{id}" would hide a name that expressions use')
        if id in self._places:
            raise node.wrong("id", f'duplicate id "{id}", it is at {self._places[id]} already')
        self._places[id] = node.at
        if len(self._places) > limits.FLOW_MODULES_MAX:
            raise TooLarge(f"{node.at}: more than {limits.FLOW_MODULES_MAX} modules", field=node.at)

    def _check_waits(self) -> None:
        for id, at in self._places.items():
            if id.endswith(WAIT_SUFFIX) and id.removesuffix(WAIT_SUFFIX) in self._places:
                raise refuse(f"{at}.id", f'"{id}" is what the wait after another module is called')


def _debounce(node: Node) -> Debounce | None:
    delay_s = node.whole("debounce_delay_s")
    if not delay_s:
        return None
    names = node.array("debounce_args_to_accumulate")
    if not all(isinstance(name, str) for name in names):
        raise node.wrong("debounce_args_to_accumulate", "must hold names of arguments")
    return Debounce(
        delay_s,
        key=node.text("debounce_key"),
        accumulate=tuple(names),
        total_s_max=node.whole("max_total_debouncing_time"),
        count_max=node.whole("max_total_debounces_amount"),
    )

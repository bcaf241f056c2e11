"""What every module may have besides its value."""

from __future__ import annotations

from windmill_lite.model import limits
from windmill_lite.model.openflow.node import Node
from windmill_lite.model.openflow.shape import (
    FilledByModel,
    Javascript,
    Kind,
    Mock,
    Module,
    Retry,
    Stop,
    Suspend,
    Transform,
)
from windmill_lite.model.openflow.transforms import (
    expression,
    number,
    required_expression,
    transform,
)
from windmill_lite.model.retry import Constant, Exponential, RetryPolicy


def module(node: Node, id: str, kind: Kind) -> Module:
    return Module(
        id=id,
        at=node.at,
        kind=kind,
        summary=node.text("summary"),
        stop_after=_stop(node, "stop_after_if"),
        stop_after_all=_stop(node, "stop_after_all_iters_if"),
        skip_if=_condition(node, "skip_if"),
        sleep=number(node, "sleep", least=0, most=limits.SLEEP_S_MAX),
        suspend=_suspend(node.node("suspend")),
        retry=_retry(node.node("retry")),
        continue_on_error=node.flag("continue_on_error"),
        timeout=number(node, "timeout", least=0, most=limits.JOB_TIMEOUT_S_MAX),
        cache_s=node.whole("cache_ttl"),
        mock=_mock(node.node("mock")),
        priority=node.whole("priority", least=-(2**15), most=2**15 - 1),
        delete_after_s=_delete_after(node),
    )


def _condition(node: Node, key: str) -> Javascript | None:
    found = node.node(key)
    return None if found is None else required_expression(found, "expr")


def _stop(node: Node, key: str) -> Stop | None:
    found = node.node(key)
    if found is None:
        return None
    return Stop(
        required_expression(found, "expr"),
        skip=found.flag("skip_if_stopped"),
        message=found.text("error_message"),
        include_result=found.flag("error_include_result"),
    )


def _suspend(node: Node | None) -> Suspend | None:
    """None as well when no event is required: then nothing waits."""
    if node is None or not (events := node.whole("required_events", most=limits.APPROVALS_MAX)):
        return None
    timeout_s = node.whole("timeout", most=limits.SUSPEND_S_MAX)
    return Suspend(
        events,
        timeout_s=limits.SUSPEND_S_DEFAULT if timeout_s is None else timeout_s,
        groups=_groups(node),
        login=node.flag("user_auth_required"),
        others=node.flag("self_approval_disabled"),
        go_on=node.flag("continue_on_disapprove_timeout"),
    )


def _groups(node: Node) -> Transform | None:
    found = node.node("user_groups_required")
    if found is None:
        return None
    groups = transform(found)
    if isinstance(groups, FilledByModel):
        raise node.wrong("user_groups_required", "cannot be filled in by a model here")
    return groups


def _retry(node: Node | None) -> Retry | None:
    """None as well when it asks for no tries."""
    if node is None:
        return None
    policy = RetryPolicy(_constant(node.node("constant")), _exponential(node.node("exponential")))
    return Retry(policy, _condition(node, "retry_if")) if policy.attempts else None


def _constant(node: Node | None) -> Constant | None:
    attempts = _attempts(node)
    if node is None or not attempts:
        return None
    return Constant(attempts, node.whole("seconds", most=limits.RETRY_PAUSE_S_MAX) or 0)


def _exponential(node: Node | None) -> Exponential | None:
    attempts = _attempts(node)
    if node is None or not attempts:
        return None
    seconds = node.whole("seconds", most=limits.RETRY_PAUSE_S_MAX) or 0
    if not seconds:
        raise node.wrong("seconds", "must be at least 1")
    multiplier = node.whole("multiplier", most=1_000_000)
    return Exponential(
        attempts,
        multiplier=1 if multiplier is None else multiplier,
        seconds=seconds,
        random_factor=node.whole("random_factor", most=100) or 0,
    )


def _attempts(node: Node | None) -> int:
    return (node.whole("attempts", most=limits.RETRY_ATTEMPTS_MAX) or 0) if node else 0


def _mock(node: Node | None) -> Mock | None:
    """None as well when it is written and not enabled."""
    return Mock(node.raw.get("return_value")) if node and node.flag("enabled") else None


def _delete_after(node: Node) -> int | None:
    after_s = node.whole("delete_after_secs", most=limits.SLEEP_S_MAX)
    if after_s is not None:
        return after_s
    return 0 if node.flag("delete_after_use") else None


def flow_condition(node: Node) -> Javascript | None:
    """`skip_expr`; an empty one is what editors leave behind, and asks nothing."""
    source = node.text("skip_expr")
    return expression(node, "skip_expr") if source and source.strip() else None

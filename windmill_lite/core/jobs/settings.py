"""What a script's version asks of its runs, from the options it was deployed with, in Windmill's
words. What would be stored and then ignored is refused by name instead."""

from __future__ import annotations

import math
from collections.abc import Mapping

from windmill_lite.base.codec import Json, canonical
from windmill_lite.base.errors import Invalid
from windmill_lite.core.jobs import cell, keys, retry
from windmill_lite.core.jobs.cache import cache_key
from windmill_lite.model import limits
from windmill_lite.model.job import FLOW_KINDS, Debounce, NewJob
from windmill_lite.model.script import (
    DEDICATED_LANGUAGES,
    CellRules,
    Concurrency,
    Debouncing,
    RunSettings,
)
from windmill_lite.model.target import network

#: What we cannot do yet, and what it would be.
UNSUPPORTED: Mapping[str, str] = {
    "cache_ignore_s3_path": "there is no object storage",
    "codebase": "bundles are not run",
    "envs": "no variables are set for one script",
    "job_token_scopes": "a job's token has the rights of its owner",
    "modules": "a script is one file",
    "on_behalf_of_email": "a run has the rights of who starts it",
    "restart_unless_cancelled": "nothing is started again for ever",
    "visible_to_runner_only": "who may see a run does not depend on its script",
}


def refuse_unsupported(options: Mapping[str, Json]) -> None:
    """Fails: `Invalid`, naming the option. Options that are set to nothing ask for nothing."""
    for name, why in UNSUPPORTED.items():
        if options.get(name):
            raise Invalid(f"{name} is not supported here: {why}", field=name)


def read(options: Mapping[str, Json]) -> RunSettings:
    """Fails: `Invalid`, naming the option."""
    return RunSettings(
        priority=_whole(options, "priority", most=limits.PRIORITY_MAX) or 0,
        concurrency=_concurrency(options),
        debouncing=_debouncing(options),
        cache_ttl_s=_cache_ttl(options),
        delete_after_s=_delete_after(options),
        at_most_once=_at_most_once(options),
        preprocessed=_flag(options, "has_preprocessor"),
        cell=CellRules(
            dedicated=_flag(options, "dedicated_worker"),
            network=network(options.get("network")),
        ),
        retry=retry.asked(options.get("retry")),
    )


def refuse_unfit(settings: RunSettings, language: str, tag: str | None) -> None:
    """Fails: `Invalid`, naming the option that such a script cannot have."""
    crowd, late = settings.concurrency, settings.debouncing
    keyed = (
        ("concurrency_key", crowd.key if crowd else ""),
        ("debounce_key", late.key if late else ""),
    )
    for name, template in (("tag", tag), *keyed):
        if settings.preprocessed and "$args[" in (template or ""):
            why = "a preprocessor makes the arguments when the run has begun"
            raise Invalid(f"{name} cannot name arguments: {why}", field=name)
    if settings.cell.dedicated and language not in DEDICATED_LANGUAGES:
        kept = ", ".join(DEDICATED_LANGUAGES)
        raise Invalid(
            f"dedicated_worker is not supported for {language}: a process is kept for {kept}",
            field="dedicated_worker",
        )


def with_settings(
    job: NewJob, settings: RunSettings, args: Mapping[str, Json], *, version: str | None = None
) -> NewJob:
    """A run of a script or a flow, as its version wants it; what a caller said about the cache
    and retries wins. `version` names what runs where the job does not.
    """
    version = version or job.script_hash or ""
    ttl_s = job.cache_ttl_s if job.cache_ttl_s is not None else settings.cache_ttl_s
    job = job._replace(
        tag=keys.tag(job.tag, job.workspace, args),
        priority=settings.priority,
        delete_after_s=settings.delete_after_s,
        max_attempts=1 if settings.at_most_once else job.max_attempts,
        cache_ttl_s=ttl_s or None,
        cell=cell.written(settings.cell) or job.cell,
        cache_key=cache_key(version, job.permissioned_as, args) if ttl_s else None,
    )
    # A step is tried again by its flow, which says how.
    if settings.retry is not None and job.retry is None and job.step_id is None:
        job = job._replace(retry=retry.written(settings.retry))
    if settings.debouncing is not None:
        what = f"{_what(job)}/{job.path or version}"
        job = job._replace(debounce=_debounce(job, settings.debouncing, args, what=what))
    rule = settings.concurrency
    if rule is None:
        return job
    template = rule.key or f"$workspace/{_what(job)}/{job.path or version}"
    return job._replace(
        concurrency_key=keys.fill(template, job.workspace, args),
        concurrent_limit=rule.limit,
        concurrency_window_s=rule.window_s,
    )


def _concurrency(options: Mapping[str, Json]) -> Concurrency | None:
    limit = _whole(options, "concurrent_limit", least=1, most=limits.CONCURRENT_LIMIT_MAX)
    window_s = _whole(options, "concurrency_time_window_s", most=limits.CONCURRENCY_WINDOW_S_MAX)
    key = _template(options, "concurrency_key")
    if limit is not None:
        return Concurrency(limit, window_s or None, key)
    _alone(options, ("concurrency_time_window_s", "concurrency_key"), "concurrent_limit")
    return None


def _what(job: NewJob) -> str:
    return "flow" if job.kind in FLOW_KINDS else "script"


def _debounce(job: NewJob, rule: Debouncing, args: Mapping[str, Json], *, what: str) -> Debounce:
    if rule.key is not None:
        key = keys.fill(rule.key, job.workspace, args)
    else:
        same = {name: value for name, value in args.items() if name not in rule.accumulate}
        key = keys.bounded(f"{job.workspace}/{what}/{canonical(same)}")
    return Debounce(key, rule.delay_s, rule.max_total_s, rule.max_count, rule.accumulate)


def _debouncing(options: Mapping[str, Json]) -> Debouncing | None:
    delay_s = _whole(options, "debounce_delay_s", most=limits.DEBOUNCE_S_MAX)
    rest = (
        "debounce_key",
        "max_total_debouncing_time",
        "max_total_debounces_amount",
        "debounce_args_to_accumulate",
    )
    key = _template(options, rest[0])
    max_total_s = _whole(options, rest[1], most=limits.DEBOUNCE_S_MAX)
    max_count = _whole(options, rest[2], most=limits.DEBOUNCE_COUNT_MAX)
    accumulate = _names(options, rest[3])
    if delay_s:
        return Debouncing(delay_s, key, max_total_s or None, max_count or None, accumulate)
    _alone(options, rest, "debounce_delay_s")
    return None


def _names(options: Mapping[str, Json], name: str) -> tuple[str, ...]:
    value = options.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Invalid(f"{name} must be a list of names of arguments", field=name)
    if len(value) > limits.DEBOUNCE_ARGS_MAX:
        raise Invalid(f"{name} names more than {limits.DEBOUNCE_ARGS_MAX} arguments", field=name)
    return tuple(value)


def _cache_ttl(options: Mapping[str, Json]) -> int | None:
    """Windmill's number of seconds may have a fraction."""
    value = options.get("cache_ttl")
    if value is None or value == 0:
        return None
    good = isinstance(value, int | float) and not isinstance(value, bool)
    if not good or not 0 < value <= limits.CACHE_TTL_S_MAX:
        raise Invalid(
            f"cache_ttl must be a number of seconds up to {limits.CACHE_TTL_S_MAX}",
            field="cache_ttl",
        )
    whole: int = math.ceil(value)
    return whole


def _delete_after(options: Mapping[str, Json]) -> int | None:
    """`delete_after_use` is the older word for 0 seconds."""
    seconds = _whole(options, "delete_after_secs", most=limits.DELETE_AFTER_S_MAX)
    used = _flag(options, "delete_after_use")
    return 0 if seconds is None and used else seconds


def _at_most_once(options: Mapping[str, Json]) -> bool:
    """A word of ours: what becomes of a run whose worker is lost."""
    value = options.get("on_worker_loss")
    if value not in (None, "restart", "fail"):
        raise Invalid("on_worker_loss must be restart or fail", field="on_worker_loss")
    return value == "fail"


def _alone(options: Mapping[str, Json], names: tuple[str, ...], without: str) -> None:
    for name in names:
        if options.get(name):
            raise Invalid(f"{name} means nothing without {without}", field=name)


def _whole(options: Mapping[str, Json], name: str, *, least: int = 0, most: int) -> int | None:
    value = options.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Invalid(f"{name} must be a whole number from {least} to {most}", field=name)
    return value


def _flag(options: Mapping[str, Json], name: str) -> bool:
    value = options.get(name)
    if value is not None and not isinstance(value, bool):
        raise Invalid(f"{name} must be true or false", field=name)
    return value is True


def _template(options: Mapping[str, Json], name: str) -> str | None:
    value = options.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > limits.KEY_CHARS_MAX or not value.isprintable():
        raise Invalid(
            f"{name} must be text of at most {limits.KEY_CHARS_MAX} printable characters",
            field=name,
        )
    return value

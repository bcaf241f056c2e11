"""Runs that are run again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import Field

from windmill_lite.api.shapes import Body
from windmill_lite.base.errors import Invalid
from windmill_lite.engine.runs.again import Otherwise
from windmill_lite.model.job import FLOW_KINDS, JobRecord


class RerunOptions(Body):
    input_transforms: dict[str, Any] = Field(
        default_factory=dict, description="arguments of other values, each `static`"
    )
    use_latest_version: bool = False


class Reruns(Body):
    """Jobs to run again, and what is different this time, by the path of what they ran."""

    job_ids: list[UUID] = Field(max_length=1_000)
    script_options_by_path: dict[str, RerunOptions] = Field(default_factory=dict)
    flow_options_by_path: dict[str, RerunOptions] = Field(default_factory=dict)

    def of(self, job: JobRecord) -> Otherwise:
        """Fails: `Invalid` for an argument that is to be computed."""
        is_flow = job.kind in FLOW_KINDS
        by_path = self.flow_options_by_path if is_flow else self.script_options_by_path
        asked = by_path.get(job.path or "", RerunOptions())
        for name, transform in asked.input_transforms.items():
            if not isinstance(transform, dict) or transform.get("type") != "static":
                raise Invalid(f"{name}: only static values are taken here", field=name)
        args = {name: each.get("value") for name, each in asked.input_transforms.items()}
        return Otherwise(asked.use_latest_version, args)

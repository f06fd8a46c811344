"""A plan in Vertex AI's terms: one pipeline, the requests that run it, and what has to be around it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.plan.steps import Plan
from mlopsgen.targets.image import requirement_findings
from mlopsgen.targets.ir import lower as ir
from mlopsgen.targets.uploads import uploads
from mlopsgen.targets.vertex.account import Account, account_of
from mlopsgen.targets.vertex.checks import check_plan
from mlopsgen.targets.vertex.guide import guide_of
from mlopsgen.targets.vertex.image import extra_requirements
from mlopsgen.targets.vertex.infra import infrastructure
from mlopsgen.targets.vertex.native import VertexNative
from mlopsgen.targets.vertex.needs import needs_of
from mlopsgen.targets.vertex.options import VertexOptions
from mlopsgen.targets.vertex.platform import OnVertex, local_uri
from mlopsgen.targets.vertex.requests import pipeline_job, schedules, watches
from mlopsgen.targets.vertex.serving.batch import scoring_pipelines


def lower(plan: Plan, options: VertexOptions) -> tuple[VertexNative, tuple[Diagnostic, ...]]:
    """The whole bundle before it is printed, with everything that is wrong about it: whoever compiles decides."""
    account = account_of(plan, options)
    lowered = _with_name(ir.lower(plan, options, OnVertex(account)), account)
    context = lowered.context
    check_plan(context, account)
    tag = tag_of(lowered, options)
    job = pipeline_job(account, tag)
    scheduled, watched = tuple(schedules(context, account, job)), tuple(watches(context, account, job))
    scored = tuple(scoring_pipelines(context, account, options))
    parts = (*lowered.parts, *(part for one in scored for part in one.lowered.parts))
    scheduled += tuple(one.schedule for one in scored if one.schedule is not None)
    with context.finishing():
        needs = needs_of(context, account, parts)
        guide = guide_of(context, account, tag, scheduled, watched, scored=scored, needs=needs)
    native = VertexNative(
        pipeline=lowered.pipeline,
        job=job,
        schedules=scheduled,
        watches=watched,
        scorings={one.file: (one.lowered.pipeline, one.job) for one in scored},
        infrastructure=infrastructure(context, account, parts, watched),
        uploads=tuple(uploads(plan, partial(local_uri, account))),
        guide=guide,
        image=plan.image,
        requirements=extra_requirements(plan),
        patches=(*lowered.patches, *(patch for one in scored for patch in one.lowered.patches)),
    )
    stale = requirement_findings(plan.image, native.requirements)
    return native, tuple(dict.fromkeys((*context.findings, *stale)))


def _with_name(lowered: ir.Lowered, account: Account) -> ir.Lowered:
    """The pipeline as its template may be called: a repository takes no shorter name."""
    return replace(lowered, pipeline=replace(lowered.pipeline, name=account.home.template))


def tag_of(lowered: ir.Lowered, options: VertexOptions) -> str:
    """The template's tag, another one whenever the pipeline is another one: requests then run what they say."""
    changes = (options.steps, options.patches)
    return f"src-{hashlib.sha256(repr((lowered.pipeline, changes)).encode()).hexdigest()[:16]}"

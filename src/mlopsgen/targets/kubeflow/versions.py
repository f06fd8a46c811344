"""What each emitted field needs of the cluster: the release of Kubeflow's parts that knows it first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from mlopsgen.diagnostics import On, SpecPath
from mlopsgen.plan.graph import all_jobs
from mlopsgen.records import dataclass
from mlopsgen.spec.values import RunFact
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.parts import Part
from mlopsgen.targets.kubeflow.facts import Facts
from mlopsgen.targets.kubeflow.pods import Nodes, Search
from mlopsgen.targets.kubeflow.releases import (
    COLLECTED,
    SCHEDULED_AT,
    SINCE,
    TITLES,
    Piece,
    Release,
    release,
    release_text,
)

SCHEDULED: Final = RunFact("run.scheduled_at")
_KEYS: Mapping[str, SpecPath] = {
    "activeDeadlineSeconds": ("timeout",),
    "retryPolicy": ("retries",),
    "secretAsEnv": ("secrets",),
    "emptyDirMounts": ("resources", "gpu"),
    "iteratorPolicy": ("tuning", "parallel"),
    "distribution": ("tuning", "search"),
    "runtimePatches": ("resources", "nodes"),
    COLLECTED: ("tuning",),
}
"""Field → the key of its step in the spec."""


@dataclass(frozen=True, slots=True)
class Need:
    """A field of the bundle, and the place of the spec that it comes from."""

    piece: Piece
    field: str
    origin: SpecPath

    @property
    def since(self) -> Release:
        """The first release that knows the field."""
        return SINCE[self.piece][self.field]


def needs(context: Context, facts: Facts, parts: Iterable[Part]) -> tuple[Need, ...]:
    """Every field of the bundle that not every release knows."""
    fields = (*_of_pipelines(context, parts), *_of_objects(context, facts))
    return tuple(dict.fromkeys(one for one in fields if one.field in SINCE[one.piece]))


def check_versions(context: Context, facts: Facts, fields: Iterable[Need]) -> None:
    """Reports what the cluster's releases do not know."""
    versions, where = facts.options.versions, (*context.where, "versions")
    for one in fields:
        stated = getattr(versions, one.piece)
        if release(stated) >= one.since:
            continue
        first, title = release_text(one.since), TITLES[one.piece]
        context.error(
            "MG301",
            f"{title} {stated} does not know {one.field}, which this is emitted as: it came with {first}",
            one.origin or (*where, one.piece),
            hint=f"leave it out; or, once the cluster has {title} {first}, "
            f'`targets.kubeflow.versions.{one.piece}: "{first}"` or later',
        )
    for later in sorted({"kserve", "keda"} & versions.model_fields_set):
        context.note(f"nothing of {TITLES[later]} is emitted yet, whatever its version", (*where, later), on=On.KEY)


def least(fields: Iterable[Need], facts: Facts) -> Iterator[tuple[str, str, str]]:
    """What the bundle is made for: part of Kubeflow, the version that was stated, the least one that does."""
    firsts: dict[str, Release] = {"pipelines": (2, 0)}
    for item in facts.objects:
        firsts.setdefault("katib" if isinstance(item.body, Search) else "trainer", (0, 0))
    for one in fields:
        firsts[one.piece] = max(firsts[one.piece], one.since)
    for piece in ("pipelines", "katib", "trainer"):
        if piece in firsts:
            stated = getattr(facts.options.versions, piece)
            yield TITLES[piece], stated, release_text(firsts[piece]) if firsts[piece] > (0, 0) else stated


def _of_pipelines(context: Context, parts: Iterable[Part]) -> Iterator[Need]:
    yield Need("pipelines", "podMetadata", ())
    for part in parts:
        for field in _fields_of(part):
            yield Need("pipelines", field, _place(context, part.step, field) or part.origin)
    for step, keys in context.options.steps.items():
        for key in keys:
            yield Need("pipelines", key, (*context.where, "steps", step, key))
    if context.plan.governance.retention:
        yield Need("pipelines", "resourceTtlOnCompletion", ("governance", "retention"))


def told_time(part: Part) -> bool:
    """Whether a task is told the time that its run is scheduled for."""
    return any(taken.source == SCHEDULED for taken in part.parameters.values())


def _fields_of(part: Part) -> Iterator[str]:
    yield from part.platform
    if told_time(part):
        yield SCHEDULED_AT
    if part.retry is not None:
        yield "retryPolicy"
    if part.loop is not None and part.loop.parallel is not None:
        yield "iteratorPolicy"
    if any(read.is_list for read in part.artifacts.values()):
        yield COLLECTED


def _of_objects(context: Context, facts: Facts) -> Iterator[Need]:
    for item in facts.objects:
        match item.body:
            case Search() as body:
                if any("distribution" in one.space for one in body.parameters):
                    yield Need("katib", "distribution", _place(context, item.step, "distribution"))
            case Nodes() as body:
                yield Need("trainer", "runtimePatches", _place(context, item.step, "runtimePatches"))
                if body.deadline:
                    yield Need("trainer", "activeDeadlineSeconds", _place(context, item.step, "activeDeadlineSeconds"))


def _place(context: Context, step: str, field: str) -> SpecPath:
    job = next((job for job in all_jobs(context.plan) if job.name == step), None)
    return () if job is None else (*job.origin, *_KEYS.get(field, ()))

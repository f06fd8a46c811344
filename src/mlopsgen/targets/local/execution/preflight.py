"""All that can be known to be wrong before the first step starts, found before it starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from mlopsgen.diagnostics import Diagnostic, On, SpecError
from mlopsgen.records import dataclass
from mlopsgen.targets.local.execution.command import Facts
from mlopsgen.targets.local.execution.interpreter import Python, ask, lacking, lacks_system, missing_secrets
from mlopsgen.targets.local.execution.parameters import RunValue, run_values
from mlopsgen.targets.local.execution.registry import CHAMPION, Model
from mlopsgen.targets.local.execution.search import can_search
from mlopsgen.targets.local.execution.sources import SourceFiles, find_sources
from mlopsgen.targets.local.native import Deployment, FromRegistry, FromSource, PlanFile
from mlopsgen.targets.local.read import of_deployment, read_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A run that nothing stands in the way of."""

    bundle: Path
    root: Path
    """The spec's folder."""
    surroundings: Mapping[str, str]
    """The environment that mlopsgen itself was started in."""
    plan: PlanFile
    parameters: Mapping[str, RunValue]
    sources: Mapping[str, SourceFiles]
    python: Python


def preflight(
    bundle: Path,
    root: Path,
    values: Mapping[str, str],
    python: str,
    surroundings: Mapping[str, str],
    *,
    deployment: str | None = None,
) -> Ready:
    """Everything a run needs, or one command of a deployment; raises SpecError with all that is missing."""
    if findings := tuple(lacks_system()):
        raise SpecError(findings)
    plan = read_plan(bundle)
    unserved = tuple(_missing_model(root, plan, deployment)) if deployment else ()
    if deployment is not None:
        plan = of_deployment(plan, deployment)
    interpreter = ask(python)
    parameters = run_values(plan, values)
    sources, findings = find_sources(plan, root, Facts("", "", parameters))
    findings = (
        *findings,
        *missing_secrets(plan, surroundings),
        *lacking(bundle, plan, interpreter),
        *_missing_libraries(plan),
        *_missing_files(bundle, plan),
        *_missing_versions(root, plan),
        *unserved,
    )
    if findings:
        raise SpecError(findings)
    return Ready(
        bundle=bundle,
        root=root,
        surroundings=surroundings,
        plan=plan,
        parameters=parameters,
        sources=sources,
        python=interpreter,
    )


def _missing_model(root: Path, plan: PlanFile, name: str) -> Iterator[Diagnostic]:
    """The version that a deployment asks; there is none before one is approved, or rolled out."""
    deployment = plan.deployments[name]
    origin = deployment.model
    model = Model(root / plan.places.registry / origin.model)
    if model.files(origin.version) is not None or (origin.version == CHAMPION and _is_asked_for(model, name, plan)):
        return
    what = "champion" if origin.version == CHAMPION else f"version {origin.version}"
    yield Diagnostic(
        "MG610",
        f"`{name}` asks the {what} of `{origin.model}`, and there is none here yet",
        spec_path=deployment.step.place,
        hint=_first_steps(model, deployment, plan),
        on=On.KEY,
    )


def _is_asked_for(model: Model, name: str, plan: PlanFile) -> bool:
    """Whether a server has something to bring: a version that was approved, or that a person has named."""
    rollout = plan.deployments[name].rollout
    if rollout is None:
        return False
    from mlopsgen.targets.local.serving.standing import Place, newest

    return newest(Place(model, name), by_hand=rollout.start == "manual") is not None


def _first_steps(model: Model, deployment: Deployment, plan: PlanFile) -> str:
    """What comes first: a version, its approval, its rollout."""
    approved = model.approved()
    if not approved or deployment.model.version != CHAMPION:
        return "`mlopsgen run` registers a version, and `mlopsgen approve` says which of them wait"
    if deployment.rollout is not None:
        return f"version {approved[-1]} is approved: `mlopsgen rollout {approved[-1]}` asks for it"
    servers = [name for name, one in plan.deployments.items() if one.rollout and one.model == deployment.model]
    if not servers:
        return f"version {approved[-1]} was approved before: `mlopsgen approve {approved[-1]}` makes it the champion"
    return f"version {approved[-1]} is approved, and the champion once `mlopsgen serve` has rolled it out"


def _missing_libraries(plan: PlanFile) -> Iterator[Diagnostic]:
    for step in plan.steps:
        if step.tune is not None and not can_search(step.tune):
            yield Diagnostic(
                "MG604",
                f"`{step.name}` searches with `{step.tune.strategy}`: that needs `optuna`, which is not installed",
                spec_path=(*step.place, "tuning", "strategy"),
                hint='`pip install "mlopsgen[runtime]"` beside mlopsgen itself, or search with `strategy: random`',
            )


def _missing_files(bundle: Path, plan: PlanFile) -> Iterator[Diagnostic]:
    if not (bundle / plan.code.app).is_dir():
        yield Diagnostic("MG605", f"the bundle has no folder `{plan.code.app}`", hint="compile the spec again")
    for step in plan.steps:
        for port, one in step.inputs.items():
            if isinstance(one.origin, FromSource) and one.origin.source not in plan.sources:
                yield Diagnostic(
                    "MG605", f"`{step.name}` reads source `{one.origin.source}` as `{port}`, and there is none"
                )


def _missing_versions(root: Path, plan: PlanFile) -> Iterator[Diagnostic]:
    """A model to start from; a champion may still be missing on the first run, a version may not."""
    for step in plan.steps:
        for port, one in step.inputs.items():
            if not isinstance(one.origin, FromRegistry) or one.origin.version == CHAMPION:
                continue
            folder = root / plan.places.registry / one.origin.model
            if Model(folder).files(one.origin.version) is None:
                yield Diagnostic(
                    "MG209",
                    f"`{step.name}` starts from what {folder} does not hold: no version {one.origin.version} "
                    f"of `{one.origin.model}`",
                    spec_path=(*step.place, "start_from") if port == "previous" else step.place,
                    hint="name a version that is there, or `champion`",
                )

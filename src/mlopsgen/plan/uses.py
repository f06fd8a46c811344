"""Which features a spec uses, and where it says so: the rows that `mlopsgen targets SPEC` shows.

One function for each section. The names are those of features.py; a test holds every name to have
a spec that uses it, and every target's answer to what the target does with that spec.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.data import has_rules, is_local
from mlopsgen.plan.features import Use
from mlopsgen.plan.wiring import EVALUATION, PREPARE, TRAINING, built_in_split
from mlopsgen.spec.data import Data, DataSource
from mlopsgen.spec.evaluation import Evaluation, Gate, GatesOnly, TaskEvaluation
from mlopsgen.spec.product import Parameter, Spec
from mlopsgen.spec.registry import MlflowBackend
from mlopsgen.spec.steps import Resources, StepParts
from mlopsgen.spec.training import FrameworkTraining, Training
from mlopsgen.spec.values import Ref, Text

if TYPE_CHECKING:
    from mlopsgen.spec.deployments import Batch, RealTime
    from mlopsgen.spec.monitoring import Monitoring
    from mlopsgen.spec.triggers import Trigger
    from mlopsgen.spec.tuning import Tuning


def uses(spec: Spec) -> Iterator[Use]:
    """Every feature that a spec uses, each place of it."""
    for name, parameter in spec.parameters.items():
        yield from _parameter(("parameters", name), parameter)
    yield Use("code.image", ("code", "image")) if spec.code.image else Use("code", ("code",))
    if spec.data is not None:
        yield from _data(spec.data, trained=spec.training is not None)
    yield from _steps(spec)
    if spec.training is not None:
        yield from _training(spec.training)
    if spec.evaluation is not None:
        yield from _evaluation(spec.evaluation)
    yield from _records(spec)
    yield from _services(spec)
    for name, started in spec.triggers.items():
        yield from _trigger(("triggers", name), started)
    yield from _governance(spec)
    for target, options in spec.targets.items():
        for field in ("steps", "patches"):
            if getattr(options, field, None):
                yield Use(f"targets.{field}", ("targets", target, field))


def _parameter(spec_path: SpecPath, parameter: Parameter) -> Iterator[Use]:
    yield Use("parameters", spec_path)
    if parameter.type == "list":
        yield Use("parameters.list", spec_path)
    if parameter.values or parameter.minimum is not None or parameter.maximum is not None:
        yield Use("parameters.values", spec_path)


def _data(data: Data, *, trained: bool) -> Iterator[Use]:
    for name, source in data.sources.items():
        yield from _source(("data", "sources", name), source)
    if len(data.sources) > 1:
        yield Use("data.sources.several", ("data", "sources"))
    if has_rules(data):
        yield Use("data.checks", ("data", "checks"))
    if built_in_split(data) and trained:
        yield Use("data.split", ("data", "split"))
    if data.prepare is not None:
        yield Use("data.prepare", ("data", "prepare"))
    if data.residency:
        yield Use("data.residency", ("data", "residency"))
    if data.feature_store is not None:
        yield Use("data.feature_store", ("data", "feature_store"), "a feature store")


def _source(spec_path: SpecPath, source: DataSource) -> Iterator[Use]:
    start = source.uri.parts[0] if isinstance(source.uri, Text) else source.uri
    # A place that a run parameter gives is never beside the spec.
    if isinstance(start, str) and is_local(start):
        yield Use("data.sources.local", (*spec_path, "uri"))
    elif source.is_table:
        yield Use("data.sources.table", (*spec_path, "uri"))
    else:
        yield Use("data.sources.remote", (*spec_path, "uri"))
    if source.distribution == "sharded":
        yield Use("data.sources.sharded", (*spec_path, "distribution"))


def _steps(spec: Spec) -> Iterator[Use]:
    if spec.steps:
        yield Use("steps", ("steps",))
    for spec_path, step in _every_step(spec):
        yield from _step(spec_path, step)
        yield from _resources((*spec_path, "resources"), step.resources)


def _every_step(spec: Spec) -> Iterator[tuple[SpecPath, StepParts]]:
    if spec.data is not None and spec.data.prepare is not None:
        yield ("data", PREPARE), spec.data.prepare
    for name, step in spec.steps.items():
        yield ("steps", name), step
    if spec.training is not None:
        yield (TRAINING,), spec.training
    if isinstance(spec.evaluation, StepParts):
        yield (EVALUATION,), spec.evaluation


def _step(spec_path: SpecPath, step: StepParts) -> Iterator[Use]:
    fields = {
        "when": step.when is not None,
        "after": bool(step.after),
        "always": step.always,
        "retries": step.retries is not None,
        "timeout": step.timeout is not None,
        "cache": step.cache,
        "env": bool(step.env),
        "secrets": bool(step.secrets),
        "image": step.image is not None,
    }
    for name, used in fields.items():
        if used:
            yield Use(f"steps.{name}", (*spec_path, name))


def _resources(spec_path: SpecPath, resources: Resources) -> Iterator[Use]:
    if resources.cpu or resources.memory or resources.disk:
        yield Use("steps.resources", spec_path)
    if resources.gpu is not None:
        yield Use("steps.resources.gpu", (*spec_path, "gpu"))


def _training(training: Training) -> Iterator[Use]:
    spec_path: SpecPath = (TRAINING,)
    own = "framework" if isinstance(training, FrameworkTraining) else "run"
    yield Use(f"training.{own}", (*spec_path, own))
    if training.distributed or isinstance(training.resources.nodes, Ref) or training.resources.nodes > 1:
        yield Use("training.distributed", (*spec_path, "distributed" if training.distributed else "resources"))
    if training.resources.spot:
        yield Use("training.spot", (*spec_path, "resources", "spot"))
    if training.start_from is not None:
        yield Use("training.start_from", (*spec_path, "start_from"))
    if training.tuning is not None:
        yield from _tuning((*spec_path, "tuning"), training.tuning)


def _tuning(spec_path: SpecPath, tuning: Tuning) -> Iterator[Use]:
    yield Use(f"tuning.{tuning.strategy}", (*spec_path, "strategy"))
    fields = {
        "early_stopping": tuning.early_stopping,
        "stop_at": tuning.stop_at is not None,
        "max_failures": tuning.max_failures is not None,
        "timeout": tuning.timeout is not None,
        "keep": tuning.keep > 1,
        "refit": tuning.refit,
    }
    for name, used in fields.items():
        if used:
            yield Use(f"tuning.{name}", (*spec_path, name))


def _evaluation(evaluation: Evaluation) -> Iterator[Use]:
    spec_path: SpecPath = (EVALUATION,)
    if not isinstance(evaluation, GatesOnly):
        own = "task" if isinstance(evaluation, TaskEvaluation) else "run"
        yield Use(f"evaluation.{own}", (*spec_path, own))
        if evaluation.explain is not None:
            yield Use("evaluation.explain", (*spec_path, "explain"))
        if evaluation.test_set is not None:
            yield Use("evaluation.test_set", (*spec_path, "test_set"))
    for name, gate in evaluation.gates.items():
        yield from _gate((*spec_path, "gates", name), gate)
    if evaluation.gates:
        yield Use("gates.on_gate_failure", (*spec_path, "on_gate_failure"))


def _gate(spec_path: SpecPath, gate: Gate) -> Iterator[Use]:
    if gate.at_least is not None or gate.at_most is not None:
        yield Use("gates.threshold", spec_path)
    if gate.better_than is not None:
        yield Use("gates.champion", (*spec_path, "better_than"))
    if gate.group is not None:
        yield Use("gates.group", (*spec_path, "group"))


def _records(spec: Spec) -> Iterator[Use]:
    """Where runs and models are recorded."""
    if isinstance(spec.tracking.backend, MlflowBackend):
        yield Use("tracking.mlflow", ("tracking", "backend"))
    else:
        yield Use("tracking.native", ("tracking",))
    if spec.training is not None and spec.registry != "none":
        yield Use("registry", ("registry",))
    if spec.registration.approval != "automatic":
        yield Use("registry.approval", ("registry", "approval"))
    if spec.registration.from_ is not None:
        yield Use("registry.from", ("registry", "from"), "a model that exists already")


def _services(spec: Spec) -> Iterator[Use]:
    """Deployments, monitors and CI, which live on when training has ended."""
    for name, deployment in spec.deployments.items():
        yield Use(f"deployment.{deployment.mode}", ("deployments", name), f"a {deployment.mode} deployment")
        if deployment.mode == "batch":
            yield from _batch(("deployments", name), deployment)
        elif deployment.mode == "real-time":
            yield from _real_time(("deployments", name), deployment)
    if spec.monitoring is not None and not _is_watched_in_rollouts_alone(spec, spec.monitoring):
        yield Use("monitoring", ("monitoring",), "monitoring")
    if spec.ci is not None:
        yield Use("ci", ("ci",), "continuous integration")


def _batch(spec_path: SpecPath, batch: Batch) -> Iterator[Use]:
    if batch.schedule is not None:
        yield Use("deployment.batch.schedule", (*spec_path, "schedule"), "the clock of a batch deployment")
    if isinstance(batch.nodes, Ref) or batch.nodes > 1:
        yield Use("deployment.batch.nodes", (*spec_path, "nodes"), "a batch deployment on several machines")
    if batch.input.format == "files":
        yield Use("deployment.batch.files", (*spec_path, "input", "format"), "scoring of opaque files")
    if batch.serve is not None and batch.serve.image is not None:
        yield Use("deployment.batch.image", (*spec_path, "serve", "image"), "scoring in somebody else's image")


def _real_time(spec_path: SpecPath, live: RealTime) -> Iterator[Use]:
    image = live.serve.image if live.serve else None
    part = "deployment.real-time"
    fields: Mapping[str, tuple[object, str, str]] = {
        f"{part}.scale_on": (live.scale_on, "scale_on", "scaling by a figure"),
        f"{part}.profiles": (live.profiles, "profiles", "other replicas at certain times"),
        f"{part}.zero": (live.replicas.min == 0, "replicas", "a deployment without replicas while nobody asks"),
        f"{part}.async": (live.async_, "async", "queued requests"),
        f"{part}.public": (live.expose == "public", "expose", "an endpoint that the internet reaches"),
        f"{part}.key": (live.auth == "key", "auth", "callers with a key"),
        f"{part}.open": (live.auth == "none", "auth", "callers who need not say who they are"),
        f"{part}.image": (image, "serve", "a server in somebody else's image"),
    }
    for name, (used, field, words) in fields.items():
        if used:
            yield Use(name, (*spec_path, field), words)
    rollout, spec_path = live.rollout, (*spec_path, "rollout")
    if rollout.strategy != "all-at-once":
        yield Use(f"deployment.real-time.{rollout.strategy}", (*spec_path, "strategy"), f"a {rollout.strategy} rollout")
    if rollout.abort_on:
        yield Use("deployment.real-time.abort_on", (*spec_path, "abort_on"), "a rollout that monitors take back")
    for field in ("before", "after"):
        if getattr(rollout, field) is not None:
            yield Use("deployment.real-time.steps", (*spec_path, field), f"a step {field} a rollout")


def _is_watched_in_rollouts_alone(spec: Spec, monitoring: Monitoring) -> bool:
    """Whether it holds nothing but figures that take rollouts back, which need no monitor that runs by itself."""
    live = [one.rollout for one in spec.deployments.values() if one.mode == "real-time"]
    named = {name for rollout in live for name in rollout.abort_on}
    others = monitoring.capture or monitoring.truth or monitoring.alerts.email or monitoring.alerts.webhook
    kinds = {one.kind for one in monitoring.monitors.values()}
    return not others and set(monitoring.monitors) <= named and kinds <= {"errors", "latency", "saturation"}


def _trigger(spec_path: SpecPath, trigger: Trigger) -> Iterator[Use]:
    from mlopsgen.spec import triggers as kinds

    match trigger:
        case kinds.OnSchedule() | kinds.OnNewData() | kinds.OnInvoke() if trigger.start != "training":
            yield Use("triggers.deployments", (*spec_path, "start"), "a trigger of a deployment")
        case kinds.OnSchedule():
            yield Use("triggers.schedule", spec_path)
        case kinds.OnNewData():
            yield Use("triggers.new_data", spec_path)
        case kinds.OnInvoke():
            yield Use("triggers.invoke", spec_path)
        case kinds.OnAny() | kinds.OnAll():
            yield Use("triggers.monitors", spec_path, trigger.words)
        case kinds.After():
            yield Use("triggers.after", spec_path, trigger.words)
        case _:
            yield Use("triggers.message", spec_path, trigger.words)
    fields = {"cooldown": trigger.cooldown, "limit": trigger.limit, "approval": trigger.approval == "manual"}
    for name, used in fields.items():
        if used:
            yield Use(f"triggers.{name}", (*spec_path, name), f"`{name}` of a trigger")


def _governance(spec: Spec) -> Iterator[Use]:
    governance = spec.governance
    fields = {
        "encryption": governance.encryption is not None,
        "network": governance.network.private,
        "access": bool(governance.access.deploy or governance.access.invoke),
        "retention": governance.retention is not None,
        "lineage": governance.lineage,
        "audit": governance.audit,
    }
    for name, used in fields.items():
        if used:
            yield Use(f"governance.{name}", ("governance", name))

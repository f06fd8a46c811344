"""The plan as plan.json says it: the same steps, with holes that the executor fills."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import assert_never

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.plan import steps as plan
from mlopsgen.plan import values as plan_values
from mlopsgen.plan.graph import reads_from
from mlopsgen.plan.jobs import recorded
from mlopsgen.plan.steps import Image
from mlopsgen.records import dataclass
from mlopsgen.spec.values import Ref
from mlopsgen.targets.image import requirement_findings
from mlopsgen.targets.launcher import LAUNCHER
from mlopsgen.targets.local import native
from mlopsgen.targets.local.limits import limits
from mlopsgen.targets.local.options import LocalOptions
from mlopsgen.targets.local.plan_values import argv, flag, value
from mlopsgen.targets.local.registration import input_of, registration

APP = "image/app"
CHAMPION = "champion"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalNative:
    """Everything the bundle of this machine is made of."""

    plan: native.PlanFile
    image: Image
    card: Mapping[str, str]
    patched: tuple[str, ...]
    """Files that the spec patches, for the README."""
    environment: str | None
    waits: bool
    """Whether a registered version may wait for a person's approval."""


def lower(the_plan: plan.Plan, options: LocalOptions) -> tuple[LocalNative, tuple[Diagnostic, ...]]:
    """The plan for this machine, with what it does not do here."""
    findings = (*limits(the_plan, options), *requirement_findings(the_plan.image))
    steps = tuple(_step(step, the_plan) for step in the_plan.steps)
    file = native.PlanFile(
        schema_="plan.schema.json",
        format="mlopsgen/local/v1",
        name=the_plan.name,
        description=the_plan.description,
        owner=the_plan.owner,
        tags=dict(the_plan.tags),
        experiment=the_plan.tracking.experiment,
        code=native.Code(app=APP, requirements="image/requirements.txt", python=the_plan.image.python),
        places=native.Places(runs=options.runs, registry=options.registry, state=options.state),
        parallel=options.parallel,
        parameters={p.name: _parameter(p) for p in the_plan.parameters},
        sources={s.name: _source(s) for s in the_plan.sources},
        steps=steps,
        deployments={service.name: _deployment(service, the_plan) for service in the_plan.services},
    )
    cards = (dict(s.card.sections) for s in the_plan.steps if isinstance(s, plan.Register) and s.card)
    patched = tuple(dict.fromkeys(patch.file for patch in options.patches))
    lowered = LocalNative(
        plan=file,
        image=the_plan.image,
        card=next(cards, {}),
        patched=patched,
        environment=the_plan.environment,
        waits=any(isinstance(s, plan.Register) and s.approval != "automatic" for s in the_plan.steps),
    )
    return lowered, findings


def _step(step: plan.Step, the_plan: plan.Plan) -> native.Step:
    match step:
        case plan.Run():
            return _job(step, "run", the_plan)
        case plan.Prepare():
            return _job(step, "prepare", the_plan)
        case plan.Train():
            return _job(step, "train", the_plan)
        case plan.Tune():
            return _job(step, "tune", the_plan, tune=_tune(step))
        case plan.Evaluate():
            return _job(step, "evaluate", the_plan, gate=_gate(step))
        case plan.Register():
            return registration(step, the_plan)
        case _:
            assert_never(step)


def _deployment(service: plan.Service, the_plan: plan.Plan) -> native.Deployment:
    model = native.FromRegistry(service.model, service.version or CHAMPION)
    match service:
        case plan.Batch():
            step = _job(service.job, "score", the_plan)
            return native.Deployment(mode="batch", model=model, step=step, rollout=None)
        case plan.RealTime():
            # Here: a plan that serves nobody needs none of it.
            from mlopsgen.targets.local.rollouts import rollout_of

            step, rollout = _job(service.job, "serve", the_plan), rollout_of(service)
            return native.Deployment(mode="real-time", model=model, step=step, rollout=rollout)
        case _:
            assert_never(service)


def _job(
    job: plan.AnyJob,
    kind: native.StepKind,
    the_plan: plan.Plan,
    *,
    tune: native.Tune | None = None,
    gate: native.Gate | None = None,
) -> native.Step:
    env = dict(job.env)
    if the_plan.tracking.mlflow:
        env = {
            "MLFLOW_TRACKING_URI": the_plan.tracking.mlflow,
            "MLFLOW_EXPERIMENT_NAME": the_plan.tracking.experiment,
            **env,
        }
    searched = {axis.name for axis in job.axes} if isinstance(job, plan.Tune) else set()
    return native.Step(
        name=job.name,
        kind=kind,
        argv=(*_launcher(the_plan, job), *argv(job, {path for path, _ in the_plan.image.files})),
        inputs={item.port: input_of(item) for item in job.inputs},
        outputs={output.port: output.kind.value for output in job.outputs},
        params={p.name: value(p.value) for p in job.params if p.name not in searched},
        env=env,
        secrets={secret.variable: _variable(secret) for secret in job.secrets},
        retries=native.Retries(job.retries.attempts, job.retries.backoff) if job.retries else None,
        timeout=job.timeout,
        cache=job.cache,
        after=tuple(name for name in job.after if name not in reads_from(job)),
        when=native.FromParameter(job.when.name) if job.when else None,
        always=job.always,
        tune=tune,
        gate=gate,
        register=None,
        place=job.origin,
    )


def _launcher(the_plan: plan.Plan, job: plan.AnyJob) -> Iterator[native.Argument]:
    """Steps start as they are, but for those that are recorded in MLflow: the launcher does that."""
    flags = tuple(recorded(the_plan, job))
    if flags:
        yield from (native.Interpreter("python"), *LAUNCHER[1:])
        for one in flags:
            yield from flag(one) if isinstance(one, plan_values.Flag) else (one,)
        yield "--"


def _variable(secret: plan.Secret) -> str:
    """The variable of this machine's environment that holds a secret: its name, as a shell can set it."""
    if ":" in secret.name:
        # Another target's own address says nothing here: the step's variable is the name.
        return secret.variable
    if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", secret.name):
        return secret.name
    plain = re.sub("[^A-Za-z0-9]", "_", secret.name).upper()
    return f"_{plain}" if plain[0].isdigit() else plain


def _tune(step: plan.Tune) -> native.Tune:
    ports = [item.port for item in step.inputs]
    refit = (
        native.Refit(into="train", add="validation") if step.refit and {"train", "validation"} <= set(ports) else None
    )
    return native.Tune(
        metric=step.metric,
        direction=step.direction,
        strategy="random" if step.strategy == "hyperband" else step.strategy,
        trials=native.FromParameter(step.trials.name) if isinstance(step.trials, Ref) else step.trials,
        parallel=native.FromParameter(step.parallel.name) if isinstance(step.parallel, Ref) else step.parallel,
        axes=tuple(_axis(axis) for axis in step.axes),
        timeout=step.search_timeout,
        max_failures=step.max_failures,
        stop_at=step.stop_at,
        seed=step.seed or 0,
        refit=refit,
    )


def _axis(axis: plan.Axis) -> native.Axis:
    match axis:
        case plan.Choice():
            return native.Choice(axis.name, axis.values)
        case plan.Interval():
            return native.Interval(axis.name, axis.low, axis.high, axis.integer, axis.scale, axis.points)
        case _:
            assert_never(axis)


def _gate(step: plan.Evaluate) -> native.Gate | None:
    if not step.gates:
        return None
    names = [a.name.partition(".") for a in step.argv if isinstance(a, plan_values.Flag) and _is_told(a)]
    rules = {rule.name: tuple(field for name, _, field in names if name == rule.name) for rule in step.gates}
    return native.Gate(output="gate", on_failure=step.on_gate_failure, rules=rules)


def _is_told(flag: plan_values.Flag) -> bool:
    return isinstance(flag.value, plan_values.Setting) and flag.value.value is not None


def _parameter(parameter: plan.RunParameter) -> native.Parameter:
    return native.Parameter(
        type=parameter.type,
        required=parameter.required,
        default=parameter.default,
        values=parameter.values,
        minimum=parameter.minimum,
        maximum=parameter.maximum,
        description=parameter.description,
        place=parameter.origin,
    )


def _source(source: plan.Source) -> native.Source:
    if source.local is not None:
        local = source.local
        return native.LocalFiles(path=local.path, digest=local.digest, files=local.files, place=source.origin)
    uri = value(source.uri)
    assert isinstance(uri, str | native.FromParameter | native.Joined)
    return native.Remote(uri=uri, place=source.origin)

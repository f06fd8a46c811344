"""The step that adds a version to the registry here, and where any step finds what it reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import assert_never

from mlopsgen.plan import steps as plan
from mlopsgen.plan import values as plan_values
from mlopsgen.plan.graph import reads_from
from mlopsgen.targets.image import content_tag
from mlopsgen.targets.local import native
from mlopsgen.targets.local.plan_values import flag

CARD = "card.json"


def registration(step: plan.Register, the_plan: plan.Plan) -> native.Step:
    """The runtime's own `register`: this machine has no registry but folders."""
    inputs = {item.port: item for item in (step.model, step.metrics, step.gate, *step.figures) if item is not None}
    if (rows := _training_rows(the_plan)) is not None:
        inputs["data"] = rows
    return native.Step(
        name=step.name,
        kind="register",
        argv=(native.Interpreter("python"), "-m", "mlopsgen_runtime", "register", *_register_flags(step, the_plan)),
        inputs={port: input_of(item) for port, item in inputs.items()},
        outputs={},
        params={},
        env={},
        secrets={},
        retries=None,
        timeout=None,
        cache=False,
        after=tuple(name for name in step.after if name not in reads_from(step)),
        when=native.FromParameter(step.when.name) if step.when else None,
        always=False,
        tune=None,
        gate=None,
        register=native.Register(
            model=step.group,
            gate=step.gate.port if step.gate else None,
            on_failure=step.on_gate_failure,
            champion="rollout" if _is_rolled_out(step, the_plan) else "approval",
        ),
        place=step.origin,
    )


def _is_rolled_out(step: plan.Register, the_plan: plan.Plan) -> bool:
    """Whether a server answers with the version just approved: the champion is what it has brought."""
    servers = (service for service in the_plan.services if isinstance(service, plan.RealTime))
    return any(service.version is None and service.model == step.group for service in servers)


def _training_rows(the_plan: plan.Plan) -> plan.Input | None:
    """The rows that a script learned from: they lie here. The built-in trainer says itself which rows it has read."""
    training = next((step for step in the_plan.steps if isinstance(step, plan.Train | plan.Tune)), None)
    if training is None or training.framework or (isinstance(training, plan.Tune) and training.refit):
        return None
    return next((item for item in training.inputs if item.port == "train"), None)


def _register_flags(step: plan.Register, the_plan: plan.Plan) -> Iterator[str | native.Flag]:
    versions = json.dumps(dict(step.data_versions), sort_keys=True)
    yield native.Flag("registry", native.Registry(None), False)
    yield f"--name={step.group}"
    yield native.Flag("model", native.InputFolder("model"), False)
    if step.metrics:
        yield native.Flag("metrics", native.InputFolder("metrics"), False)
    if step.gate:
        yield native.Flag("gate", native.InputFolder("gate"), False)
    for figure in step.figures:
        yield native.Flag("figure", native.InputFolder(figure.port), False)
    if _training_rows(the_plan) is not None:
        yield native.Flag("data", native.InputFolder("data"), False)
    yield from flag(plan_values.Flag("approval", plan_values.Setting(step.approval)))
    if step.card:
        yield native.Flag("card", native.BundleFile(CARD), False)
    yield f"--version-of-data={versions}"
    yield f"--code-digest={content_tag(the_plan.image)}"
    yield native.Flag("run", native.FromRun("id"), False)
    if _is_rolled_out(step, the_plan):
        yield "--champion=rollout"


def input_of(item: plan.Input) -> native.Input:
    """What a step reads, and who made it."""
    return native.Input(kind=item.kind.value, origin=_origin(item.source))


def _origin(source: plan.InputSource) -> native.Origin:
    match source:
        case plan.FromStep():
            return native.FromStep(source.step, source.port)
        case plan.FromSource():
            return native.FromSource(source.source)
        case plan.FromRegistry():
            return native.FromRegistry(source.model, source.version)
        case _:
            assert_never(source)

"""The training step, or the search that trains many times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from dataclasses import fields as fields_of
from math import prod
from typing import Literal

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.data import checked
from mlopsgen.plan.jobs import CONTRACT, Placed, command, common, flags, optional_params, runtime, setting
from mlopsgen.plan.steps import Axis, Choice, FromRegistry, Input, Interval, Train, Tune
from mlopsgen.plan.values import Argument, Argv, Flag, PortKind
from mlopsgen.plan.wiring import PREPARE, TRAINING, Wires, outputs
from mlopsgen.records import dataclass
from mlopsgen.runtime.metric_names import trained_as
from mlopsgen.spec import tuning as search
from mlopsgen.spec.metrics import direction_of, name_in_training
from mlopsgen.spec.product import Spec
from mlopsgen.spec.training import FrameworkTraining, Training
from mlopsgen.spec.units import seconds

Direction = Literal["maximize", "minimize"]
PREVIOUS = "previous"
"""The port in which the files of `start_from` arrive."""


@dataclass(frozen=True, slots=True)
class Section:
    """The arguments of every section's builder: the spec, the wires, and facts of the whole."""

    spec: Spec
    wires: Wires
    contract_digest: str
    optional: frozenset[str] = field(default=frozenset())
    """Run parameters that may have no value."""


def training_step(section: Section, training: Training) -> Train | Tune:
    """One training, or a search over many."""
    origin: SpecPath = ("training",)
    inputs = (*_inputs(section, training, origin), *_previous(section.spec, training))
    ports = section.wires.outputs[TRAINING]
    argv = _argv(section, training, inputs, ports)
    framework = training.framework if isinstance(training, FrameworkTraining) else None
    checks_data = section.spec.data is not None and argv[: len(_VALIDATE)] == _VALIDATE
    one = Train(
        name=TRAINING,
        argv=argv,
        inputs=inputs,
        outputs=outputs(ports, (*origin, "outputs")),
        framework=framework,
        distributed=training.distributed,
        runtime=framework is not None or checks_data,
        **common(Placed(TRAINING, training, origin)),
    )
    return one if training.tuning is None else _search(section, training.tuning, one)


def _search(section: Section, tuning: search.Tuning, one: Train) -> Tune:
    """Many of this training, one a trial."""
    at = (*one.origin, "tuning")
    axes = tuple(_axis(name, axis, (*at, "search", name)) for name, axis in tuning.search.items())
    metric = name_in_training(section.spec, tuning.metric)
    return Tune(
        **{f.name: getattr(one, f.name) for f in fields_of(one)},
        metric=metric,
        direction=direction_of(metric, section.spec.metrics) or "maximize",
        strategy=tuning.strategy,
        trials=tuning.trials if tuning.trials is not None else grid_size(axes),
        parallel=tuning.parallel,
        axes=axes,
        search_timeout=seconds(tuning.timeout) if tuning.timeout else None,
        max_failures=tuning.max_failures,
        stop_at=tuning.stop_at,
        early_stopping=tuning.early_stopping,
        keep=tuning.keep,
        refit=tuning.refit,
        seed=tuning.seed,
    )


_VALIDATE = runtime("validate")


def grid_size(axes: tuple[Axis, ...]) -> int:
    """How many points a grid over these axes has."""
    return prod(_points(axis) for axis in axes)


def _points(axis: Axis) -> int:
    match axis:
        case Choice():
            return len(axis.values)
        case Interval():
            return axis.points or int(axis.high - axis.low) + 1


def _axis(name: str, axis: search.Axis, origin: SpecPath) -> Axis:
    if isinstance(axis, search.Choice):
        return Choice(name, axis.choice, origin)
    low, high = axis.bounds
    return Interval(name, low, high, isinstance(axis, search.IntRange), axis.scale, axis.points, origin)


def _inputs(section: Section, training: Training, origin: SpecPath) -> tuple[Input, ...]:
    references = training.inputs if training.inputs is not None else _defaults(section)
    return section.wires.inputs(TRAINING, references, (*origin, "inputs"))


def _defaults(section: Section) -> Mapping[str, str]:
    """`train`, and `validation` if there is one; without a prepare step the sources themselves."""
    prepared = section.wires.outputs.get(PREPARE)
    if prepared is None:
        data = section.spec.data
        return {name: f"data.{name}" for name in data.sources} if data else {}
    return {port: f"{PREPARE}.{port}" for port in ("train", "validation") if port in prepared}


def _previous(spec: Spec, training: Training) -> tuple[Input, ...]:
    if training.start_from is None:
        return ()
    name, _, version = training.start_from.replace("@", ":").rpartition(":")
    source = FromRegistry(name or spec.registration.model or spec.name, version)
    return (Input(port=PREVIOUS, kind=PortKind.MODEL, source=source, origin=("training", "start_from")),)


def _task(section: Section, training: FrameworkTraining) -> Iterator[Argument]:
    """What is predicted, where the evaluation says what the estimator does not: classes, or what comes next."""
    task = getattr(section.spec.evaluation, "task", None)
    if task == "forecasting":
        # The folds of a cross-validation keep the order of time then.
        yield setting("task", task)
    # Whole numbers with few values would be taken for classes.
    elif task is not None and not training.framework.startswith("sklearn."):
        yield setting("task", trained_as(task))


def _argv(section: Section, training: Training, inputs: tuple[Input, ...], ports: Mapping[str, PortKind]) -> Argv:
    searched = tuple(training.tuning.search) if training.tuning else ()
    params = [*(n for n, v in training.params.items() if v is not None and n not in searched), *searched]
    own = flags([i.port for i in inputs], ports, params, optional_params(training, section.optional))
    if isinstance(training, FrameworkTraining):
        built_in = (Flag("contract", CONTRACT), setting("framework", training.framework), *_task(section, training))
        argv: Argv = runtime("train", *built_in, *own)
    else:
        argv = (*command(training.run), *own)
    data = section.spec.data
    # With a prepare step the contract was checked there.
    return (
        argv
        if data is None or PREPARE in section.wires.outputs
        else checked(data, inputs, section.contract_digest, argv)
    )

"""What only the whole plan shows: kinds that do not fit, outputs nobody reads, names taken twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlopsgen.diagnostics import Diagnostic, On, Severity, SpecPath
from mlopsgen.plan.commands import script_findings
from mlopsgen.plan.graph import inputs_of, readers, reads_from, waits_for
from mlopsgen.plan.sections import EVALUATION, PREPARE, SECTIONS, TRAINING, built_in_split, outputs_of
from mlopsgen.plan.steps import AnyJob, FromStep, Image, Input, Plan, Register, Step
from mlopsgen.plan.values import PortKind
from mlopsgen.plan.wiring import taken_twice
from mlopsgen.spec.evaluation import ScriptEvaluation, TaskEvaluation
from mlopsgen.spec.product import Spec
from mlopsgen.spec.steps import StepParts
from mlopsgen.spec.training import FrameworkTraining

_TABLES = (PortKind.DATASET, PortKind.SOURCE)
_SHOWN = (PortKind.FIGURE, PortKind.REPORT, PortKind.METRICS, PortKind.PREDICTIONS, PortKind.GATE, PortKind.MODEL)
"""Kinds that are for people or the registry: nobody has to read them."""


def step_findings(spec: Spec, steps: tuple[Step, ...], image: Image) -> Iterator[Diagnostic]:
    """Everything that can be said before the steps are in order."""
    named = {step.name: step for step in steps}
    yield from _names(spec)
    yield from _afters(named)
    code = tuple(path for path, _ in image.files)
    for where, step in _written(spec):
        run = getattr(step, "run", None)
        if run is not None and image.given is None:
            yield from script_findings(run, code, step.image, (*where, "run"))
    for job in steps:
        if not isinstance(job, Register):
            yield from _flags(spec, job)
    yield from _kinds(spec, named)
    yield from _missing(spec, named)
    yield from _always(steps)
    if not steps and not spec.deployments and spec.monitoring is None:
        yield Diagnostic(
            "MG207",
            "there is nothing to do: no training, no steps, no deployment",
            ("name",),
            hint="add `training: {run: train.py}`",
        )


def plan_findings(plan: Plan) -> Iterator[Diagnostic]:
    """Warnings about a plan that stands: what is made or declared and never used."""
    read = readers(plan.steps)
    for step in plan.steps:
        if isinstance(step, Register) or step.name in (TRAINING, EVALUATION):
            continue
        for output in step.outputs:
            if (step.name, output.port) not in read and output.kind not in _SHOWN and output.port != "test":
                yield Diagnostic(
                    "MG204",
                    f"nobody reads `{step.name}.{output.port}`",
                    output.origin,
                    hint=f"give it to a step: `inputs: {{{output.port}: {step.name}.{output.port}}}`, or take it out",
                    severity=Severity.WARNING,
                    on=On.KEY,
                )
    yield from _unread_sources(plan)


def _unread_sources(plan: Plan) -> Iterator[Diagnostic]:
    used = {i.source for step in plan.steps for i in inputs_of(step)}
    names = {getattr(source, "source", None) for source in used}
    for source in plan.sources:
        if plan.steps and source.name not in names:
            yield Diagnostic(
                "MG208",
                f"no step reads the source `{source.name}`",
                ("data", "sources", source.name),
                hint=f"give it to a step: `inputs: {{{source.name}: data.{source.name}}}`, or take it out",
                severity=Severity.WARNING,
                on=On.KEY,
            )


def _written(spec: Spec) -> Iterator[tuple[SpecPath, StepParts]]:
    """The steps that the spec writes out, with their places."""
    if spec.data is not None and spec.data.prepare is not None:
        yield ("data", "prepare"), spec.data.prepare
    for name, step in spec.steps.items():
        yield ("steps", name), step
    if spec.training is not None:
        yield ("training",), spec.training
    if isinstance(spec.evaluation, ScriptEvaluation | TaskEvaluation):
        yield ("evaluation",), spec.evaluation


def _names(spec: Spec) -> Iterator[Diagnostic]:
    for name in spec.steps:
        if name in (*SECTIONS, "data"):
            yield Diagnostic(
                "MG125",
                f"`{name}` is the name of a section",
                ("steps", name),
                hint=f"call the step `my-{name}`",
                on=On.KEY,
            )


def _afters(named: Mapping[str, Step]) -> Iterator[Diagnostic]:
    for step in named.values():
        where: SpecPath = (*step.origin, "after") if not isinstance(step, Register) else step.origin
        for place, other in enumerate(step.after):
            if other not in named:
                known = ", ".join(f"`{name}`" for name in named)
                yield Diagnostic("MG202", f"no step is called `{other}`", (*where, place), hint=f"there is {known}")


def _flags(spec: Spec, job: AnyJob) -> Iterator[Diagnostic]:
    outputs = [o.port for o in job.outputs if o.kind is not PortKind.GATE]
    params = [p.name for p in job.params]
    yield from taken_twice(job.name, [i.port for i in job.inputs], outputs, params, job.origin)
    if job.name == TRAINING and isinstance(spec.training, FrameworkTraining):
        reserved = ("contract", "framework", "train", "validation", "model", "metrics", "previous")
        for param in job.params:
            if param.name in reserved:
                said = f"`{param.name}` is a flag of the built-in trainer itself"
                yield Diagnostic("MG125", said, param.origin, hint="the estimator takes no such param", on=On.KEY)


def _kinds(spec: Spec, named: Mapping[str, Step]) -> Iterator[Diagnostic]:
    wanted: list[tuple[str, str, tuple[PortKind, ...]]] = []
    if isinstance(spec.training, FrameworkTraining):
        wanted += [(TRAINING, "train", _TABLES), (TRAINING, "validation", _TABLES)]
    if isinstance(spec.evaluation, TaskEvaluation):
        wanted += [(EVALUATION, "model", (PortKind.MODEL,)), (EVALUATION, "test", _TABLES)]
    for step, port, kinds in wanted:
        for item in inputs_of(named[step]) if step in named else ():
            if item.port == port and item.kind not in kinds:
                yield _wrong_kind(step, item, kinds)
    split = built_in_split(spec.data)
    if split is not None and spec.data is not None and PREPARE in named:
        main = spec.data.main or next(iter(spec.data.sources), "")
        source = spec.data.sources.get(main)
        if source is not None and source.format == "files":
            said = f"the built-in split needs a table, and `{main}` has `format: files`"
            yield Diagnostic(
                "MG203", said, ("data", "sources", main, "format"), hint="write `split: none`, or your own `prepare`"
            )


def _wrong_kind(step: str, item: Input, kinds: tuple[PortKind, ...]) -> Diagnostic:
    wanted = " or ".join(kind.value for kind in kinds)
    source = f"{item.source.step}.{item.source.port}" if isinstance(item.source, FromStep) else item.port
    return Diagnostic(
        "MG203",
        f"`{step}` reads a {wanted} in `{item.port}`, and `{source}` is of kind {item.kind.value}",
        item.origin,
        hint=f"say what it is where it is written: `outputs: {{{item.port}: {kinds[0].value}}}`",
    )


def _missing(spec: Spec, named: Mapping[str, Step]) -> Iterator[Diagnostic]:
    """Inputs without which a built-in command cannot work."""
    needs: list[tuple[str, str, SpecPath]] = []
    if isinstance(spec.training, FrameworkTraining):
        needs.append((TRAINING, "train", ("training",)))
    if isinstance(spec.evaluation, TaskEvaluation):
        needs += [(EVALUATION, "model", ("evaluation",)), (EVALUATION, "test", ("evaluation",))]
    for step, port, where in needs:
        if step in named and port not in {i.port for i in inputs_of(named[step])}:
            made = [f"`{owner}.{p}`" for owner, ports in outputs_of(spec).items() for p in ports if owner != step]
            yield Diagnostic(
                "MG209",
                f"the built-in {'trainer' if step == TRAINING else 'evaluator'} has no input `{port}`",
                where,
                hint=f"add `inputs: {{{port}: …}}`; there is {', '.join(made) or 'nothing to read'}",
            )


def _always(steps: tuple[Step, ...]) -> Iterator[Diagnostic]:
    handlers = {step.name for step in steps if not isinstance(step, Register) and step.always}
    for step in steps:
        origin: SpecPath = step.origin
        if step.name in handlers:
            if step.name in SECTIONS:
                yield Diagnostic(
                    "MG206",
                    f"`{step.name}` cannot be an exit handler",
                    (*origin, "always"),
                    hint="use a step under `steps`",
                )
            if reads := reads_from(step):
                said = f"`{step.name}` runs however the rest ended, and reads `{reads[0]}`, which may never have run"
                yield Diagnostic("MG206", said, (*origin, "inputs"), hint="an exit handler reads sources alone")
        elif late := handlers & set(waits_for(step)):
            said = f"`{step.name}` waits for the exit handler `{min(late)}`, which runs last"
            yield Diagnostic("MG206", said, origin, hint=f"take `{min(late)}` out of its inputs and `after`")

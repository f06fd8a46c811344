"""Findings that only the steps together show: kinds that do not fit, inputs that are missing, names taken twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlopsgen.diagnostics import Diagnostic, Fix, On, Severity, SpecPath
from mlopsgen.nearest import nearest
from mlopsgen.plan.graph import edge_to, inputs_of, is_handler, reads_from, waits_for
from mlopsgen.plan.jobs import script_findings
from mlopsgen.plan.steps import AnyJob, FromStep, Image, Input, Register, Step
from mlopsgen.plan.values import PortKind
from mlopsgen.plan.wiring import (
    EVALUATION,
    EXPLANATION_INPUTS,
    PREPARE,
    SECTIONS,
    SUGGESTED,
    TRAINING,
    built_in_split,
    duplicate_flags,
    outputs_of,
    written_by_task,
)
from mlopsgen.runtime.metric_names import OF_TIME, full_name
from mlopsgen.runtime.parameter_names import TRAINERS_OWN
from mlopsgen.spec.evaluation import ScriptEvaluation, TaskEvaluation
from mlopsgen.spec.product import Spec
from mlopsgen.spec.steps import StepParts
from mlopsgen.spec.training import FrameworkTraining

_TABLES = (PortKind.DATASET, PortKind.SOURCE)


def step_findings(spec: Spec, steps: tuple[Step, ...], image: Image | None) -> Iterator[Diagnostic]:
    """Everything that can be said before the steps are in order; no image: the user's code could not be read."""
    named = {step.name: step for step in steps}
    yield from _names(spec)
    yield from _afters(named)
    yield from _scripts(spec, image)
    yield from _caches(spec)
    for job in steps:
        if not isinstance(job, Register):
            yield from _flags(spec, job)
    yield from _kinds(spec, named)
    yield from _missing(spec, named)
    yield from _judged(spec, named)
    yield from _always(steps)
    yield from _skipped(named)
    if not steps and not spec.deployments and spec.monitoring is None:
        yield Diagnostic(
            "MG207",
            "there is nothing to do: no training, no steps, no deployment",
            ("name",),
            hint="add `training: {run: train.py}`",
        )


def written_steps(spec: Spec) -> Iterator[tuple[SpecPath, StepParts]]:
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


def _caches(spec: Spec) -> Iterator[Diagnostic]:
    for name, step in spec.steps.items():
        if step.cache and "cache" in step.model_fields_set and not step.outputs:
            message = f"`{name}` has no outputs, so there is nothing to take over: it runs each time"
            hint = "list what it writes under `outputs`, or take `cache` out"
            yield Diagnostic("MG117", message, ("steps", name, "cache"), hint, severity=Severity.WARNING)


def _scripts(spec: Spec, image: Image | None) -> Iterator[Diagnostic]:
    """Scripts that do not lie in the image, where it is made from the user's code."""
    if image is None or image.prebuilt is not None:
        return
    code = tuple(path for path, _ in image.files)
    for spec_path, step in written_steps(spec):
        run = getattr(step, "run", None)
        if run is not None:
            yield from script_findings(run, code, step.image, (*spec_path, "run"))
    for spec_path, script in predictors(spec):
        yield from script_findings(script, code, None, spec_path)


def predictors(spec: Spec) -> Iterator[tuple[SpecPath, str]]:
    """The scripts that deployments predict with, with their places."""
    for name, deployment in spec.deployments.items():
        if deployment.serve is not None and deployment.serve.run is not None:
            yield ("deployments", name, "serve", "run"), deployment.serve.run


def _afters(named: Mapping[str, Step]) -> Iterator[Diagnostic]:
    lost = [
        (step, position) for step in named.values() for position, other in enumerate(step.after) if other not in named
    ]
    for number, (step, position) in enumerate(lost):
        others = [name for name in named if name != step.name]
        near = nearest(step.after[position], others) if number < SUGGESTED else None
        known = ", ".join(f"`{name}`" for name in others[:12])
        yield Diagnostic(
            "MG202",
            f"no step is called `{step.after[position]}`",
            (*step.origin, "after", position),
            hint=f"did you mean `{near}`?" if near else f"there is {known}" if known else "take it out",
            fix=Fix(near) if near else None,
        )


def _flags(spec: Spec, job: AnyJob) -> Iterator[Diagnostic]:
    outputs = [output for output in job.outputs if output.kind is not PortKind.GATE]
    built_in = job.name == TRAINING and isinstance(spec.training, FrameworkTraining)
    own = [param for param in job.params if built_in and param.name in TRAINERS_OWN]
    params = [param for param in job.params if param not in own]
    yield from duplicate_flags(job.name, job.inputs, outputs, params)
    for param in own:
        message = f"`{param.name}` is a flag of the built-in trainer itself"
        hint = "take it out: no estimator has such a param"
        yield Diagnostic("MG125", message, param.origin, hint=hint, on=On.KEY)
    if job.name == EVALUATION and isinstance(spec.evaluation, TaskEvaluation):
        yield from _unknown_to_the_evaluator(job, spec.evaluation)


def _unknown_to_the_evaluator(job: AnyJob, evaluation: TaskEvaluation) -> Iterator[Diagnostic]:
    """It would refuse them when the model is trained and paid for."""
    reads = ("model", "test", *(("train",) if evaluation.task == "forecasting" else ()))
    writes = written_by_task(evaluation)
    # Without `inputs` it reads what there is; what is missing then is said by itself.
    read = job.inputs if evaluation.inputs is not None else ()
    kinds = (("input", "reads", reads, read), ("output", "writes", writes, job.outputs))
    for what, does, known, ports in kinds:
        for item in ports:
            if item.port not in known and item.kind is not PortKind.GATE:
                message = f"the built-in evaluation of {evaluation.task} knows no {what} `{item.port}`"
                yield Diagnostic("MG125", message, item.origin, f"it {does} {', '.join(known)}", on=On.KEY)
    for param in job.params:
        message = f"the built-in evaluation has no params, and `{param.name}` is one"
        yield Diagnostic("MG125", message, param.origin, "take it out, or write `run` for your own", on=On.KEY)


def _kinds(spec: Spec, named: Mapping[str, Step]) -> Iterator[Diagnostic]:
    readers: list[tuple[str, str, tuple[PortKind, ...]]] = []
    if isinstance(spec.training, FrameworkTraining):
        readers += [(TRAINING, "train", _TABLES), (TRAINING, "validation", _TABLES)]
    if isinstance(spec.evaluation, TaskEvaluation):
        readers += [
            (EVALUATION, "model", (PortKind.MODEL,)),
            (EVALUATION, "test", _TABLES),
            (EVALUATION, "train", _TABLES),
        ]
    elif isinstance(spec.evaluation, ScriptEvaluation) and spec.evaluation.explain:
        readers += [(EVALUATION, "model", (PortKind.MODEL,)), (EVALUATION, "test", _TABLES)]
    for step, port, kinds in readers:
        for item in inputs_of(named[step]) if step in named else ():
            if item.port == port and item.kind not in kinds:
                yield _wrong_kind(spec, step, item, kinds)
    split = built_in_split(spec.data)
    if split is not None and spec.data is not None and PREPARE in named:
        main = spec.data.main or next(iter(spec.data.sources), "")
        source = spec.data.sources.get(main)
        if source is not None and source.format == "files":
            message = f"the built-in split needs a table, and `{main}` has `format: files`"
            yield Diagnostic(
                "MG203", message, ("data", "sources", main, "format"), hint="write `split: none`, or your own `prepare`"
            )


def _wrong_kind(spec: Spec, step: str, item: Input, kinds: tuple[PortKind, ...]) -> Diagnostic:
    fitting_kinds = " or ".join(kind.value for kind in kinds)
    output = item.source if isinstance(item.source, FromStep) else None
    source = f"{output.step}.{output.port}" if output else f"data.{item.port}"
    fitting = _readable(spec, step, item.port, kinds)
    hint = f"read {', '.join(fitting[:4])}" if fitting else "let a step write one"
    if output and output.step in spec.steps:
        declaration = f"`outputs: {{{output.port}: {kinds[0].value}}}`"
        hint = f"if it is one, say so where `{output.step}` lists it: {declaration}; or {hint}"
    message = f"`{step}` reads a {fitting_kinds} in `{item.port}`, and `{source}` is of kind {item.kind.value}"
    return Diagnostic("MG203", message, item.origin, hint=hint)


def _readable(spec: Spec, reader: str, port: str, kinds: tuple[PortKind, ...]) -> list[str]:
    """References of these kinds that a section could read, those of this port first; later sections write none."""
    following = SECTIONS[SECTIONS.index(reader) :]
    sources = [f"`data.{name}`" for name in spec.data.sources] if spec.data and PortKind.SOURCE in kinds else []
    outputs = [
        f"`{step}.{port}`"
        for step, ports in outputs_of(spec).items()
        for port, kind in ports.items()
        if step not in following and kind in kinds
    ]
    return sorted((*outputs, *sources), key=lambda reference: not reference.endswith(f".{port}`"))


def _missing(spec: Spec, named: Mapping[str, Step]) -> Iterator[Diagnostic]:
    """Inputs without which a built-in command cannot work."""
    needs: list[tuple[str, str, SpecPath]] = []
    if isinstance(spec.training, FrameworkTraining):
        needs.append((TRAINING, "train", ("training",)))
    if isinstance(spec.evaluation, TaskEvaluation):
        needs += [(EVALUATION, "model", ("evaluation",)), (EVALUATION, "test", ("evaluation",))]
        # The errors of a forecast are scaled by the rows that the model learned from.
        if any(full_name(gate.metric or name) in OF_TIME for name, gate in spec.evaluation.gates.items()):
            needs.append((EVALUATION, "train", ("evaluation",)))
    for step, port, spec_path in needs:
        if step in named and port not in {i.port for i in inputs_of(named[step])}:
            references = _readable(spec, step, port, (PortKind.MODEL,) if port == "model" else _TABLES)
            hint = f"add `{port}: {references[0].strip('`')}` to its `inputs`" if references else "let a step write one"
            others = f"; there is also {', '.join(references[1:9])}" if references[1:] else ""
            yield Diagnostic(
                "MG209",
                f"the built-in {'trainer' if step == TRAINING else 'evaluator'} has no input `{port}`",
                spec_path,
                hint=hint + others,
                on=On.KEY,
            )


def _judged(spec: Spec, named: Mapping[str, Step]) -> Iterator[Diagnostic]:
    """Inputs of an evaluation of the user's own without which a gate or a budget fails, in the first run or later."""
    evaluation = spec.evaluation
    if not isinstance(evaluation, ScriptEvaluation) or EVALUATION not in named:
        return
    read = {item.port for item in inputs_of(named[EVALUATION])}
    champion = next((name for name, gate in evaluation.gates.items() if gate.better_than == "champion"), None)
    if champion is not None and "model" not in read:
        message = f"gate `{champion}` has the champion evaluated in the place of `model`, which is no input here"
        hint = "add `model: training.model` to the `inputs` of the evaluation"
        yield Diagnostic("MG209", message, ("evaluation", "gates", champion, "better_than"), hint, on=On.KEY)
    if evaluation.test_set is not None and "test" not in read:
        message = "`test_set` counts how often the rows of `test` are used, which is no input of the evaluation"
        yield _unread(spec, "test", message, ("evaluation", "test_set"))
    for port in EXPLANATION_INPUTS if evaluation.explain else ():
        if port not in read:
            message = f"`explain` asks the model of `model` about rows of `test`, and `{port}` is no input here"
            yield _unread(spec, port, message, ("evaluation", "explain"))


def _unread(spec: Spec, port: str, message: str, spec_path: SpecPath) -> Diagnostic:
    """An input that an evaluation of the user's own has to have, with what could be read there."""
    references = _readable(spec, EVALUATION, port, (PortKind.MODEL,) if port == "model" else _TABLES)
    reference = references[0].strip("`") if references else "training.model" if port == "model" else "prepare.test"
    return Diagnostic("MG209", message, spec_path, f"add `{port}: {reference}` to its `inputs`", on=On.KEY)


def _always(steps: tuple[Step, ...]) -> Iterator[Diagnostic]:
    handlers = {step.name for step in steps if is_handler(step)}
    for step in steps:
        if step.name in handlers & {*SECTIONS}:
            message = f"`{step.name}` cannot be an exit handler: other sections wait for it"
            hint = "take `always` away, and use a step under `steps`"
            yield Diagnostic("MG206", message, (*step.origin, "always"), hint=hint)
        elif step.name in handlers:
            for read in reads_from(step):
                message = f"`{step.name}` runs however the rest ended, and reads `{read}`, which may never have run"
                hint = "take it out: an exit handler reads sources alone; or take `always` away"
                yield Diagnostic("MG206", message, edge_to(step, read), hint=hint)
        else:
            for late in waits_for(step):
                if late in handlers - {*SECTIONS}:
                    message = f"`{step.name}` waits for the exit handler `{late}`, which runs when all else has ended"
                    yield Diagnostic("MG206", message, edge_to(step, late), hint="take it out, or `always` away there")


def _skipped(named: Mapping[str, Step]) -> Iterator[Diagnostic]:
    """Jobs that are skipped together with a step they read from, and do not say so themselves."""
    for step in named.values():
        for read in reads_from(step) if not isinstance(step, Register) else ():
            when = named[read].when if read in named else None
            if when is not None and step.when != when:
                message = f"`{step.name}` reads from `{read}`, and is skipped with it when `{when}` is false"
                yield Diagnostic(
                    "MG205",
                    message,
                    edge_to(step, read),
                    hint=f'say so here too: `when: "{when}"`; or read what is always there',
                    severity=Severity.NOTE,
                )

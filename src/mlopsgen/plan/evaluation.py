"""The evaluation, the gates that ride in its container, and the registration behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from mlopsgen.diagnostics import SpecPath
from mlopsgen.plan.jobs import (
    CONTRACT,
    Placed,
    around,
    command,
    common,
    flags,
    optional_params,
    resources,
    runtime,
    setting,
)
from mlopsgen.plan.steps import Card, Evaluate, FromStep, GateRule, Input, Register, Source
from mlopsgen.plan.training import Section
from mlopsgen.plan.values import (
    PICTURES,
    Argument,
    Argv,
    ChampionUri,
    Flag,
    InputDir,
    OutputDir,
    PortKind,
    StateUri,
    Value,
)
from mlopsgen.plan.wiring import (
    EVALUATION,
    EXPLANATION,
    EXPLANATION_INPUTS,
    PREPARE,
    REGISTRY,
    TRAINING,
    built_in_split,
    outputs,
    written_around,
)
from mlopsgen.spec.evaluation import Evaluation, Explain, Gate, GatesOnly, ScriptEvaluation, TaskEvaluation
from mlopsgen.spec.metrics import direction_of, name_in_gate
from mlopsgen.spec.steps import StepParts
from mlopsgen.spec.units import seconds

BUDGET = "test-set"
"""Where the runtime counts how often a test set was used, under the product's state."""


def evaluation_step(section: Section, evaluation: Evaluation) -> Evaluate | None:
    """The evaluation with its gates; None when there is neither an evaluator nor a gate."""
    rules = tuple(_rule(section, name, gate) for name, gate in evaluation.gates.items())
    if isinstance(evaluation, GatesOnly):
        return _gates_only(section, evaluation, rules) if rules else None
    origin: SpecPath = ("evaluation",)
    references = evaluation.inputs if evaluation.inputs is not None else _defaults(section, evaluation)
    inputs = section.wires.inputs(EVALUATION, references, (*origin, "inputs"))
    ports = section.wires.outputs[EVALUATION]
    own = _evaluator(section, evaluation, inputs, ports)
    judged = around(_gate(section, evaluation, inputs, ports), own) if rules else own
    if isinstance(evaluation, ScriptEvaluation) and evaluation.explain:
        judged = around(_explanation(evaluation.explain), judged)
    return Evaluate(
        name=EVALUATION,
        argv=judged,
        inputs=inputs,
        outputs=outputs(ports, (*origin, "outputs")),
        gates=rules,
        on_gate_failure=evaluation.on_gate_failure,
        reads_champion=_reads_champion(rules),
        runtime=bool(rules or evaluation.explain) or isinstance(evaluation, TaskEvaluation),
        **common(Placed(EVALUATION, evaluation, origin)),
    )


def _gates_only(section: Section, gates: GatesOnly, rules: tuple[GateRule, ...]) -> Evaluate:
    """No evaluator: the gates read the metrics that training wrote."""
    origin: SpecPath = ("evaluation",)
    metrics = Input(
        port="metrics", kind=PortKind.METRICS, source=FromStep(TRAINING, "metrics"), origin=(*origin, "gates")
    )
    judged: Argv = runtime(
        "gate",
        Flag("metrics", InputDir("metrics")),
        Flag("gate", OutputDir("gate")),
        *_champion(section, rules),
        *_settings(gates, rules),
    )
    return Evaluate(
        name=EVALUATION,
        argv=judged,
        inputs=(metrics,),
        outputs=outputs(section.wires.outputs[EVALUATION], (*origin, "gates")),
        gates=rules,
        on_gate_failure=gates.on_gate_failure,
        reads_champion=_reads_champion(rules),
        runtime=True,
        resources=resources(gates.resources, (*origin, "resources")),
        timeout=seconds(gates.timeout) if gates.timeout else None,
        origin=origin,
    )


ScriptOrTask: TypeAlias = ScriptEvaluation | TaskEvaluation


def _defaults(section: Section, evaluation: ScriptOrTask) -> Mapping[str, str]:
    """`model` and `test`, for a forecast `train` as well; without a prepare step that makes one, the sources."""
    ports = section.wires.outputs
    model = {"model": f"{TRAINING}.model"} if TRAINING in ports else {}
    if "test" in ports.get(PREPARE, ()):
        scaled = getattr(evaluation, "task", None) == "forecasting" and "train" in ports[PREPARE]
        return {**model, "test": f"{PREPARE}.test", **({"train": f"{PREPARE}.train"} if scaled else {})}
    data = section.spec.data
    return {**model, **({name: f"data.{name}" for name in data.sources} if data else {})}


def _evaluator(
    section: Section, evaluation: ScriptOrTask, inputs: tuple[Input, ...], ports: Mapping[str, PortKind]
) -> Argv:
    """The user's evaluation or the built-in one, with what it writes itself."""
    others = written_around(evaluation)
    written = [port for port in ports if port not in others]
    params = [n for n, v in evaluation.params.items() if v is not None]
    own = flags([i.port for i in inputs], written, params, optional_params(evaluation, section.optional))
    if isinstance(evaluation, ScriptEvaluation):
        return (*command(evaluation.run), *own)
    return runtime("evaluate", *_built_in(evaluation), *own)


def _built_in(evaluation: TaskEvaluation) -> Iterator[Argument]:
    yield Flag("contract", CONTRACT)
    yield setting("task", evaluation.task)
    groups = dict.fromkeys(gate.group.column for gate in evaluation.gates.values() if gate.group)
    yield from (setting("group", column) for column in groups)
    if evaluation.explain:
        yield from _explain_settings(evaluation.explain)


def _explain_settings(explain: Explain) -> Iterator[Flag]:
    yield setting("explain-method", explain.method)
    yield setting("explain-sample", explain.sample)


def _explanation(explain: Explain) -> Argv:
    """Around an evaluation of the user's own, and around its gates: what it says is of the new model alone."""
    read = (Flag(port, InputDir(port)) for port in EXPLANATION_INPUTS)
    out = Flag(EXPLANATION, OutputDir(EXPLANATION))
    return runtime("explain", Flag("contract", CONTRACT), *read, out, *_explain_settings(explain))


def _gate(section: Section, evaluation: ScriptOrTask, inputs: tuple[Input, ...], ports: Mapping[str, PortKind]) -> Argv:
    rules = tuple(_rule(section, name, gate) for name, gate in evaluation.gates.items())
    read = {i.port for i in inputs}
    return runtime(
        "gate",
        *(Flag(port, InputDir(port)) for port in ("model", "test") if port in read),
        *(Flag(port, OutputDir(port)) for port in _JUDGED if port in ports),
        *_contract(section, evaluation),
        *_champion(section, rules),
        *_budget(evaluation),
        *_settings(evaluation, rules),
    )


_JUDGED = ("metrics", "predictions", "gate")
"""Outputs of an evaluation that the gate itself reads or writes; the others are the evaluator's alone."""


def _contract(section: Section, evaluation: ScriptOrTask) -> Iterator[Flag]:
    """What the data says of an outcome that is favourable, of rows that follow in time, and of how rows are known."""
    data = section.spec.data
    if data is None:
        return
    split = built_in_split(data)
    in_time = (split is not None and split.by_time) or getattr(evaluation, "task", None) == "forecasting"
    if data.positive is not None or in_time or evaluation.test_set is not None:
        yield Flag("contract", CONTRACT)


def _champion(section: Section, rules: tuple[GateRule, ...]) -> Iterator[Flag]:
    if _reads_champion(rules):
        registry = section.spec.registration
        yield Flag("champion", ChampionUri(registry.model or section.spec.name))


def _budget(evaluation: StepParts) -> Iterator[Argument]:
    budget = getattr(evaluation, "test_set", None)
    if budget is not None:
        yield setting("test-budget", budget.reuse_budget)
        yield Flag("budget-store", StateUri(BUDGET))


def _settings(evaluation: Evaluation, rules: tuple[GateRule, ...]) -> Iterator[Flag]:
    """Every gate as flags `--<gate>.<field>=<value>`: what is judged can be read in the emitted file."""
    yield setting("on-failure", evaluation.on_gate_failure)
    for rule in rules:
        gate = evaluation.gates[rule.name]
        facts: dict[str, Value] = {
            "metric": rule.metric if not gate.measure else None,
            "direction": rule.direction,
            "at_least": rule.at_least,
            "at_most": rule.at_most,
            "better_than": rule.better_than,
            "by": rule.by if rule.better_than else None,
            "confidence": rule.confidence,
            "group": rule.group,
            "group_at_least": gate.group.at_least if gate.group else None,
            "group_min_rows": gate.group.min_rows if gate.group else None,
            "measure": rule.measure,
            "when": rule.when,
        }
        yield from (setting(f"{rule.name}.{name}", value) for name, value in facts.items() if value is not None)


def _rule(section: Section, name: str, gate: Gate) -> GateRule:
    metric = gate.measure or name_in_gate(section.spec, gate.metric or name)
    return GateRule(
        name=name,
        metric=metric,
        direction=None if gate.measure else direction_of(metric, section.spec.metrics),
        at_least=gate.at_least,
        at_most=gate.at_most,
        better_than=gate.better_than,
        by=gate.by,
        confidence=gate.confidence,
        group=gate.group.column if gate.group else None,
        measure=gate.measure,
        when=gate.when,
        origin=("evaluation", "gates", name),
    )


def _reads_champion(rules: tuple[GateRule, ...]) -> bool:
    return any(rule.better_than is not None for rule in rules)


def register_step(section: Section, evaluation: Evaluate | None, sources: tuple[Source, ...]) -> Register | None:
    """The version that training leads to; None when nothing is trained, or nothing is to be registered."""
    ports = section.wires.outputs
    spec = section.spec
    if TRAINING not in ports or spec.registry == "none":
        return None
    judged = evaluation is not None and any(o.kind is PortKind.GATE for o in evaluation.outputs)
    measured = EVALUATION if "metrics" in ports.get(EVALUATION, ()) else TRAINING
    return Register(
        name=REGISTRY,
        model=_input("model", PortKind.MODEL, TRAINING),
        metrics=_input("metrics", PortKind.METRICS, measured),
        gate=_input("gate", PortKind.GATE, EVALUATION) if judged else None,
        figures=tuple(
            _input(port, kind, step)
            for step in (EVALUATION, TRAINING)
            for port, kind in ports.get(step, {}).items()
            if kind in PICTURES
        ),
        group=spec.registration.model or spec.name,
        approval=spec.registration.approval,
        card=Card(tuple(spec.registration.card.items())) if spec.registration.card else None,
        when=spec.registration.when,
        on_gate_failure=evaluation.on_gate_failure if evaluation else "stop",
        data_versions=tuple((s.name, version_of(s)) for s in sources),
    )


def version_of(source: Source) -> str:
    """The version of a source: its digest, the version it is locked to, or where it is."""
    if source.local:
        return f"sha256:{source.local.digest}"
    return source.version or str(source.uri)


def _input(port: str, kind: PortKind, step: str) -> Input:
    return Input(port=port, kind=kind, source=FromStep(step, port), origin=("registry",))

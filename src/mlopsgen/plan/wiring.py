"""Outputs of the sections, and who reads what from whom: references of a spec turned into edges of the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from mlopsgen.diagnostics import Diagnostic, Fix, On, SpecPath
from mlopsgen.nearest import nearest
from mlopsgen.plan.steps import FromRegistry, FromSource, FromStep, Input, InputSource, NamedValue, Output
from mlopsgen.plan.values import PortKind
from mlopsgen.records import dataclass
from mlopsgen.spec.data import Data, Split
from mlopsgen.spec.evaluation import Evaluation, GatesOnly, ScriptEvaluation, TaskEvaluation
from mlopsgen.spec.product import Spec
from mlopsgen.spec.training import Training

KNOWN_KINDS: Mapping[str, PortKind] = {
    "model": PortKind.MODEL,
    "metrics": PortKind.METRICS,
    "predictions": PortKind.PREDICTIONS,
}
"""Outputs whose name says what they are, wherever the spec says no more."""


SUGGESTED = 50
"""For how many references that lead nowhere the nearest name is looked up."""


@dataclass(slots=True)
class Wires:
    """Everything that can be read, and what was found wrong while reading it.

    `outputs`: step → port → kind, in the order of the sections; `sources`: names of data sources.
    """

    outputs: Mapping[str, Mapping[str, PortKind]]
    sources: Iterable[str]
    findings: list[Diagnostic] = field(default_factory=list)

    def inputs(self, reader: str, references: Mapping[str, str], origin: SpecPath) -> tuple[Input, ...]:
        """The inputs of a step, port by port; what leads nowhere becomes a finding and is left out."""
        inputs = (self._input(reader, port, reference, (*origin, port)) for port, reference in references.items())
        return tuple(item for item in inputs if item is not None)

    def _input(self, reader: str, port: str, reference: str, origin: SpecPath) -> Input | None:
        source = self.resolve(reader, reference, origin)
        if source is None:
            return None
        return Input(port=port, kind=self.kind(source), source=source, origin=origin)

    def kind(self, source: InputSource) -> PortKind:
        """The kind of content at the other end."""
        match source:
            case FromStep():
                return self.outputs[source.step][source.port]
            case FromSource():
                return PortKind.SOURCE
            case FromRegistry():
                return PortKind.MODEL

    def resolve(self, reader: str, reference: str, spec_path: SpecPath) -> InputSource | None:
        """`data.<source>`, `<step>.<output>`, or the bare name of an output or a source."""
        head, dot, port = reference.partition(".")
        if not dot:
            return self._bare(reader, reference, spec_path)
        if head == "data" and port in self.sources:
            return FromSource(port)
        if port in self.outputs.get(head, ()):
            return FromStep(head, port)
        self._lost(reference, spec_path, self.known(reader))
        return None

    def _bare(self, reader: str, port: str, spec_path: SpecPath) -> InputSource | None:
        owners = [step for step, ports in self.outputs.items() if port in ports and step != reader]
        if len(owners) == 1:
            return FromStep(owners[0], port)
        if not owners and port in self.sources:
            return FromSource(port)
        if not owners:
            self._lost(port, spec_path, [*self._bare_names(reader), *self.known(reader)])
        else:
            self.findings.append(_ambiguous(port, owners, spec_path))
        return None

    def known(self, reader: str) -> list[str]:
        """Everything that a step could read, as references; its own outputs are not among them."""
        outputs = [f"{step}.{port}" for step, ports in self.outputs.items() if step != reader for port in ports]
        return [*(f"data.{source}" for source in self.sources), *outputs]

    def _bare_names(self, reader: str) -> list[str]:
        """Names of outputs and sources that mean one thing."""
        others = [port for step, ports in self.outputs.items() if step != reader for port in ports]
        return [name for name, owners in Counter((*others, *self.sources)).items() if owners == 1]

    def _lost(self, reference: str, spec_path: SpecPath, known: list[str]) -> None:
        # Comparing names costs time: a file with thousands of lost references is no slip of a hand.
        near = nearest(reference, known) if len(self.findings) < SUGGESTED else None
        listed = ", ".join(f"`{k}`" for k in known[:12]) or "nothing: no step writes anything yet"
        self.findings.append(
            Diagnostic(
                "MG202",
                f"nothing is called `{reference}`",
                spec_path,
                hint=f"did you mean `{near}`?" if near else f"there is {listed}",
                fix=Fix(near) if near else None,
            )
        )


def ports(listed: Mapping[str, str | None], known: Mapping[str, PortKind], otherwise: PortKind) -> dict[str, PortKind]:
    """Every output of a step with its kind: the section's own ones first, then what the spec lists."""
    kinds = dict(known)
    for port, kind in listed.items():
        kinds[port] = PortKind(kind) if kind else known.get(port) or KNOWN_KINDS.get(port, otherwise)
    return kinds


def outputs(ports: Mapping[str, PortKind], origin: SpecPath) -> tuple[Output, ...]:
    """A step's outputs, each with its place in the spec."""
    return tuple(Output(port=port, kind=kind, origin=(*origin, port)) for port, kind in ports.items())


def _ambiguous(port: str, owners: list[str], spec_path: SpecPath) -> Diagnostic:
    choices = " or ".join(f"`{owner}.{port}`" for owner in owners)
    return Diagnostic("MG202", f"several steps write `{port}`", spec_path, hint=f"write {choices}")


def duplicate_flags(
    step: str, inputs: Iterable[Input], outputs: Iterable[Output], params: Iterable[NamedValue]
) -> Iterator[Diagnostic]:
    """Inputs, outputs and params are flags of one command: each name once."""
    flags = [
        *(("input", item.port, item.origin) for item in inputs),
        *(("output", output.port, output.origin) for output in outputs),
        *(("param", param.name, param.origin) for param in params),
    ]
    first: dict[str, str] = {}
    for kind, name, origin in flags:
        if name in first:
            message = f"`{step}` has the {first[name]} `{name}` and the {kind} `{name}`: both would be `--{name}`"
            hint = f"rename one of them, such as `{name}_{_SUFFIXES[kind]}`"
            yield Diagnostic("MG125", message, origin, hint, on=On.KEY)
        first.setdefault(name, kind)


_SUFFIXES = {"input": "in", "output": "out", "param": "value"}


PREPARE, TRAINING, EVALUATION, REGISTRY = "prepare", "training", "evaluation", "registry"
SECTIONS = (PREPARE, TRAINING, EVALUATION, REGISTRY)
EXPLANATION = "explanation"
"""The output that says which features a model rests on."""
EXPLANATION_INPUTS = ("model", "test")
"""The inputs that an explanation is made from."""

_PICTURES: Mapping[str, tuple[str, ...]] = {
    "classification": ("confusion", "roc", "importance"),
    "regression": ("residuals", "importance"),
    "ranking": ("importance",),
    "forecasting": ("residuals", "importance"),
}
"""Which pictures the built-in evaluator draws, by task."""


def built_in_split(data: Data | None) -> Split | None:
    """The split that the runtime makes, or None when there is none or the user prepares."""
    if data is None or data.prepare is not None or not isinstance(data.split, Split):
        return None
    return data.split


def outputs_of(spec: Spec) -> dict[str, dict[str, PortKind]]:
    """Step → port → kind for every step that the spec asks for, in the order of the sections."""
    outputs: dict[str, dict[str, PortKind]] = {}
    if spec.data is not None and (prepared := _prepare(spec.data, spec.training is not None)):
        outputs[PREPARE] = prepared
    for name, step in spec.steps.items():
        outputs[name] = ports(step.outputs, {}, PortKind.DATASET)
    if spec.training is not None:
        outputs[TRAINING] = _training(spec.training)
    if spec.evaluation is not None:
        outputs[EVALUATION] = _evaluation(spec.evaluation)
    return outputs


def _prepare(data: Data, trained: bool) -> dict[str, PortKind]:
    if data.prepare is not None:
        return ports(data.prepare.outputs, {}, PortKind.DATASET)
    split = built_in_split(data)
    if split is None or not trained:
        return {}
    names = ("train", "test", *(("validation",) if split.validation > 0 else ()))
    return dict.fromkeys(names, PortKind.DATASET)


def _training(training: Training) -> dict[str, PortKind]:
    own = {"model": PortKind.MODEL, "metrics": PortKind.METRICS}
    return ports(training.outputs, own, PortKind.FILES)


def written_by_task(evaluation: TaskEvaluation) -> dict[str, PortKind]:
    """Port → kind for all that the built-in evaluator writes."""
    own = {"metrics": PortKind.METRICS, "predictions": PortKind.PREDICTIONS}
    own |= dict.fromkeys(_PICTURES[evaluation.task], PortKind.FIGURE)
    if evaluation.explain and evaluation.explain.method == "permutation":
        # The explanation is the same picture.
        own.pop("importance")
    return own | _explanation(evaluation)


def written_around(evaluation: ScriptEvaluation | TaskEvaluation) -> tuple[str, ...]:
    """The outputs that the runtime writes around an evaluator: the verdict, and why a script's model says what it says.

    The built-in evaluator explains its model itself.
    """
    explained = isinstance(evaluation, ScriptEvaluation) and evaluation.explain
    return (*(("gate",) if evaluation.gates else ()), *((EXPLANATION,) if explained else ()))


def _explanation(evaluation: ScriptEvaluation | TaskEvaluation) -> dict[str, PortKind]:
    return {EXPLANATION: PortKind.REPORT} if evaluation.explain else {}


def _evaluation(evaluation: Evaluation) -> dict[str, PortKind]:
    gate = {"gate": PortKind.GATE} if evaluation.gates else {}
    match evaluation:
        case GatesOnly():
            return gate
        case TaskEvaluation():
            own = written_by_task(evaluation)
        case _:
            own = {"metrics": PortKind.METRICS} | _explanation(evaluation)
    return ports(evaluation.outputs, own, PortKind.FILES) | gate

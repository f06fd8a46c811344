"""A resolved source to a `Spec`, or every finding at once: first the shape of everything, then what it means."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import ValidationError

from mlopsgen.credentials import suspects
from mlopsgen.diagnostics import Diagnostic, Fix, On, Severity, SpecError, errors
from mlopsgen.nearest import nearest
from mlopsgen.records import dataclass
from mlopsgen.source import Node, Source, texts, with_spans
from mlopsgen.spec.checks_data import check_contract, check_data
from mlopsgen.spec.checks_parameters import check_parameters
from mlopsgen.spec.checks_product import check_product
from mlopsgen.spec.checks_steps import check_everywhere, check_training
from mlopsgen.spec.longform import LongForm
from mlopsgen.spec.metrics import check_metrics
from mlopsgen.spec.model import Model
from mlopsgen.spec.options import TargetOptions
from mlopsgen.spec.overlay import drop_nulls
from mlopsgen.spec.placeholders import Filler
from mlopsgen.spec.product import Spec
from mlopsgen.spec.shape import Record

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Read:
    """A spec that can be worked with, the blocks of its targets, and what is worth knowing about it all the same."""

    spec: Spec
    options: Mapping[str, TargetOptions]
    """Target → its block under `targets`, for every target that is installed and has one."""
    findings: tuple[Diagnostic, ...]
    """Warnings; an error is raised."""


def read_spec(
    source: Source,
    options: Mapping[str, type[TargetOptions]],
    installed: Collection[str] = (),
    requested: Collection[str] = (),
    locked: Collection[str] | None = (),
) -> Read:
    """The spec of a resolved source; raises SpecError with every finding.

    `options` types the blocks under `targets`, `installed` names every target there is, and a target in `requested`
    that is not among them is an error. `locked` images are fixed by a lock, whatever they are called; None: all are.
    """
    findings: list[Diagnostic] = []
    whole = replace(source, root=_long_targets(source.root, options, findings))
    credentials = suspects("\n".join(texts(whole.root)))
    filler = Filler(tuple(_entries(whole.root.child("parameters"))), credentials, findings)
    reader = _Reader(whole.root, filler.fill(whole.root), findings)
    spec = reader.model(Spec, ())
    blocks = reader.blocks(options)
    findings.extend(_not_installed(whole.root, (*installed, *options), requested))
    if spec is None or errors(findings):
        raise SpecError(with_spans(findings, whole))
    spec = spec.model_copy(update={"targets": {**spec.targets, **blocks}})
    findings.extend(check(spec, locked))
    placed = with_spans(findings, whole)
    if errors(placed):
        raise SpecError(placed)
    return Read(spec, blocks, placed)


def _long_targets(root: Node, options: Mapping[str, type[TargetOptions]], findings: list[Diagnostic]) -> Node:
    """The tree with every target's block in the long form of its own options."""
    section = root.child("targets")
    if section is None or not isinstance(section.value, dict) or not isinstance(root.value, dict):
        return root
    long = LongForm(findings)
    blocks = dict(section.value)
    for name in blocks.keys() & options.keys():
        shape = Record(options[name])
        blocks[name] = drop_nulls(long.write(blocks[name], shape, None, ("targets", name)), shape)
    return root.with_value({**root.value, "targets": section.with_value(blocks)})


@dataclass(frozen=True, slots=True)
class _Reader:
    """Plain data and the nodes it comes from; what is wrong with either gathers in `findings`."""

    root: Node
    data: Any
    findings: list[Diagnostic]

    def model(self, model: type[M], spec_path: tuple[str, ...]) -> M | None:
        """The model of what stands at a path, or None when something there is wrong."""
        node, data = self.root, self.data
        for part in spec_path:
            node, data = node.child(part) or node, data[part]
        try:
            return model.model_validate({} if data is None else data, context=self._context())
        except ValidationError as error:
            from mlopsgen.spec.messages import Messages

            messages = Messages(node, data, Record(model), spec_path)
            self.findings.extend(messages.translate(error.errors(include_url=False)))
            return None

    def blocks(self, options: Mapping[str, type[TargetOptions]]) -> dict[str, TargetOptions]:
        """Each installed target's block as its own options."""
        names = [name for name in _entries(self.root.child("targets")) if name in options]
        models = {name: self.model(options[name], ("targets", name)) for name in names}
        return {name: block for name, block in models.items() if block is not None}

    def _context(self) -> dict[str, Any]:
        """The declared run parameters, which `OrRef` looks up."""
        parameters = self.data.get("parameters")
        return {"parameters": parameters if isinstance(parameters, dict) else {}}


def _not_installed(root: Node, known: Collection[str], requested: Collection[str]) -> Iterator[Diagnostic]:
    for name in _entries(root.child("targets")):
        if name in known:
            continue
        severity = Severity.ERROR if name in requested else Severity.WARNING
        spec_path = ("targets", name)
        if near := nearest(name, known):
            message, hint = f"there is no target `{name}`", f"did you mean `{near}`?"
            yield Diagnostic("MG303", message, spec_path, hint, Fix(near, On.KEY), severity, On.KEY)
            continue
        message = f"target `{name}` is not installed, so its block is not checked"
        install = f'`pip install "mlopsgen[{name}]"`, or the package that brings it'
        hint = f"{install}; `mlopsgen targets` lists what is there"
        yield Diagnostic("MG303", message, spec_path, hint, None, severity, On.KEY)


def _entries(node: Node | None) -> Mapping[str, Node]:
    return node.value if node and isinstance(node.value, dict) else {}


def check(spec: Spec, locked: Collection[str] | None = ()) -> Iterator[Diagnostic]:
    """Everything that is wrong with a spec whose every field is right, and what is worth knowing about it."""
    yield from check_parameters(spec)
    yield from check_product(spec)
    yield from check_data(spec)
    yield from check_contract(spec)
    yield from check_training(spec)
    yield from check_metrics(spec)
    yield from check_everywhere(spec, locked)
    yield from _judging(spec)
    yield from _running(spec)


def _judging(spec: Spec) -> Iterator[Diagnostic]:
    if spec.training and spec.training.tuning:
        from mlopsgen.spec.checks_tuning import check_tuning

        yield from check_tuning(spec.training, spec.training.tuning)
    if spec.evaluation:
        from mlopsgen.spec.checks_evaluation import check_evaluation

        yield from check_evaluation(spec, spec.evaluation)


def _running(spec: Spec) -> Iterator[Diagnostic]:
    if spec.deployments:
        from mlopsgen.spec.checks_deployments import check_deployments

        yield from check_deployments(spec)
    if spec.monitoring:
        from mlopsgen.spec.checks_monitoring import check_monitoring

        yield from check_monitoring(spec, spec.monitoring)
    if spec.triggers:
        from mlopsgen.spec.checks_triggers import check_triggers

        yield from check_triggers(spec)

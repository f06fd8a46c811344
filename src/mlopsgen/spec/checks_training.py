"""Training and further steps: machines, frameworks, environment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic, On, SpecPath
from mlopsgen.spec.about import against, walk, warning
from mlopsgen.spec.product import Spec
from mlopsgen.spec.steps import StepParts
from mlopsgen.spec.training import FrameworkTraining, Training
from mlopsgen.spec.values import Ref

_SECRET = re.compile(r"(?i).*(?:password|passwd|secret|token|api_?key|credentials?)")


def check_training(spec: Spec) -> Iterator[Diagnostic]:
    """Findings about `training` and about what every step has."""
    if spec.training is not None:
        yield from _nodes(spec.training)
        yield from _framework(spec, spec.training)
    for path, step in walk(spec):
        if isinstance(step, StepParts):
            yield from _environment(step, path)


def _nodes(training: Training) -> Iterator[Diagnostic]:
    nodes, way = training.resources.nodes, training.distributed
    several = isinstance(nodes, Ref) or nodes > 1
    if several and way is None:
        said = f"{nodes} nodes train together, and nothing says how they find each other"
        hint = "add `distributed: torchrun`, `mpi` or `tensorflow`"
        yield against(said, ("training", "resources", "nodes"), hint)
    if way is not None and not several:
        said = f"`distributed: {way}` needs more than one node"
        yield against(said, ("training", "distributed"), "add `resources: {nodes: 2}`, or take `distributed` out")


def _framework(spec: Spec, training: Training) -> Iterator[Diagnostic]:
    if not isinstance(training, FrameworkTraining):
        return
    if training.distributed is not None:
        said = "the built-in trainer runs on one node"
        yield against(said, ("training", "distributed"), "write `run: train.py` for training on several", on=On.KEY)
    if training.image is not None:
        said = "the built-in trainer lies in the product's own image, not in a foreign one"
        yield against(said, ("training", "image"), "take `image` out, or write `run`", on=On.KEY)
    if training.start_from is not None and training.framework.startswith("sklearn."):
        said = f"`{training.framework}` cannot go on from a trained model"
        yield against(said, ("training", "start_from"), "take xgboost or lightgbm, or write `run: train.py`", on=On.KEY)
    if spec.data is not None and spec.data.label is None:
        said = "the built-in trainer needs the column to predict"
        yield Diagnostic("MG105", said, ("data",), "add `label: <column>`", on=On.KEY)


def _environment(step: StepParts, path: SpecPath) -> Iterator[Diagnostic]:
    for name in step.env:
        if name in step.secrets:
            said = f"`{name}` is set by `env` and by `secrets`"
            yield against(said, (*path, "env", name), "keep the one under `secrets`", on=On.KEY)
        if _SECRET.fullmatch(name) and step.env[name]:
            said = f"`{name}` looks like a secret, and `env` is written into files that many can read"
            yield warning("MG115", said, (*path, "env", name), f"name it: `secrets: {{{name}: <name>}}`")

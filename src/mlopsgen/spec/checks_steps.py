"""Findings about steps and images: machines, frameworks, environment, names of images that change, and patches."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from mlopsgen.diagnostics import Diagnostic, On, SpecPath
from mlopsgen.spec.checks_shared import conflict, walk, warning
from mlopsgen.spec.model import Model
from mlopsgen.spec.options import TargetOptions
from mlopsgen.spec.product import Spec
from mlopsgen.spec.steps import StepParts
from mlopsgen.spec.training import FrameworkTraining, Training
from mlopsgen.spec.unknown_fields import left_out
from mlopsgen.spec.values import Ref

if TYPE_CHECKING:
    from mlopsgen.spec.patches import Patch


_SECRET = re.compile(r"(?i).*(?:password|passwd|secret|token|api_?key|credentials?)")


def check_training(spec: Spec) -> Iterator[Diagnostic]:
    """Findings about `training` and about what every step has."""
    if spec.training is not None:
        yield from _nodes(spec.training)
        yield from _framework(spec, spec.training)
    for spec_path, step in walk(spec):
        if isinstance(step, StepParts):
            yield from _environment(step, spec_path)


def _nodes(training: Training) -> Iterator[Diagnostic]:
    nodes, way = training.resources.nodes, training.distributed
    several = isinstance(nodes, Ref) or nodes > 1
    if several and way is None:
        message = f"{nodes} nodes train together, and nothing says how they find each other"
        hint = "add `distributed: torchrun`, `mpi` or `tensorflow`"
        yield conflict(message, ("training", "resources", "nodes"), hint)
    if way is not None and not several:
        message = f"`distributed: {way}` needs more than one node"
        yield conflict(message, ("training", "distributed"), "add `resources: {nodes: 2}`, or take `distributed` out")


def _framework(spec: Spec, training: Training) -> Iterator[Diagnostic]:
    if not isinstance(training, FrameworkTraining):
        return
    if training.distributed is not None:
        message = "the built-in trainer runs on one node"
        yield conflict(message, ("training", "distributed"), "write `run: train.py` for training on several", on=On.KEY)
    if training.image is not None:
        message = "the built-in trainer lies in the product's own image, not in a foreign one"
        yield conflict(message, ("training", "image"), "take `image` out, or write `run`", on=On.KEY)
    if training.start_from is not None and training.framework.startswith("sklearn."):
        message = f"`{training.framework}` cannot go on from a trained model"
        yield conflict(
            message, ("training", "start_from"), "take xgboost or lightgbm, or write `run: train.py`", on=On.KEY
        )
    if spec.data is not None and spec.data.label is None:
        message = "the built-in trainer needs the column to predict"
        yield Diagnostic("MG105", message, ("data",), "add `label: <column>`", on=On.KEY)


def _environment(step: StepParts, spec_path: SpecPath) -> Iterator[Diagnostic]:
    for name in step.env:
        if name in step.secrets:
            message = f"`{name}` is set by `env` and by `secrets`"
            yield conflict(message, (*spec_path, "env", name), "keep the one under `secrets`", on=On.KEY)
        if _SECRET.fullmatch(name) and step.env[name]:
            message = f"`{name}` looks like a secret, and `env` is written into files that many can read"
            yield warning("MG115", message, (*spec_path, "env", name), f"name it: `secrets: {{{name}: <name>}}`")


_LEFT_OUT = {".ipynb": "notebook", ".sql": "sql"}


def check_everywhere(spec: Spec, locked: Collection[str] | None) -> Iterator[Diagnostic]:
    """Findings about images, commands and patches, in every section."""
    for spec_path, model in walk(spec):
        if locked is not None:
            yield from _images(model, spec_path, locked)
        yield from _command(model, spec_path)
        for number, patch in enumerate(model.patches if isinstance(model, TargetOptions) else ()):
            yield from _patch(patch, (*spec_path, "patches", number))


def _images(model: Model, spec_path: SpecPath, locked: Collection[str]) -> Iterator[Diagnostic]:
    for key in ("image", "base"):
        image = getattr(model, key, None)
        lockable = spec_path[:1] not in (("deployments",), ("monitoring",))
        if lockable and image in locked:
            continue
        if isinstance(image, str) and (reason := _why_mutable(image)):
            hint = "name a version that stays, such as `:1.4.2`, or the digest `@sha256:…`"
            hint += "; `mlopsgen lock` fixes the digest of today" if lockable else ""
            yield Diagnostic(
                "MG129", f"image `{image}` {reason}: tomorrow's run may be another", (*spec_path, key), hint
            )


def _why_mutable(image: str) -> str | None:
    """Why an image may change under its name, or None."""
    if re.search(r"@sha256:[0-9a-f]{64}", image):
        return None
    _, _, tag = image.rsplit("/", 1)[-1].partition(":")
    if not tag:
        return "has neither tag nor digest"
    return (
        f"has the tag `{tag}`, which moves"
        if tag in ("latest", "stable", "main", "master", "nightly", "edge")
        else None
    )


def _command(model: Model, spec_path: SpecPath) -> Iterator[Diagnostic]:
    run = getattr(model, "run", None)
    words = (run,) if isinstance(run, str) else run if isinstance(run, tuple) else ()
    for word in words:
        for suffix, what in _LEFT_OUT.items():
            if (
                word.endswith(suffix)
                and (isinstance(run, str) or what == "notebook")
                and (finding := left_out(what, ()))
            ):
                yield Diagnostic(finding.code, finding.message, (*spec_path, "run"), finding.hint)


def _patch(patch: Patch, spec_path: SpecPath) -> Iterator[Diagnostic]:
    actions = [key for key in ("merge", "replace", "remove") if getattr(patch, key) not in (None, False)]
    if len(actions) != 1:
        listed = " and ".join(f"`{key}`" for key in actions) or "none of them"
        message = f"a patch does one of `merge`, `replace` and `remove: true`, and this one says {listed}"
        yield Diagnostic("MG117" if actions else "MG105", message, spec_path, "keep one of them")

"""Sections against each other: names, code, registry, governance, CI, residency."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlopsgen.diagnostics import Diagnostic, On, SpecPath
from mlopsgen.spec.about import against, unknown
from mlopsgen.spec.product import Spec
from mlopsgen.spec.residency import GROUPS, known_place, residency_allows

RESERVED = ("prepare", "training", "evaluation", "registry", "data", "default")
"""What `after`, references and `machines` mean by these names is taken."""


def check_product(spec: Spec) -> Iterator[Diagnostic]:
    """Findings about names, `code`, `registry`, `ci` and `data.residency`."""
    yield from _names(spec)
    yield from _code(spec)
    yield from _registry(spec)
    yield from _ci(spec)
    yield from _residency(spec)


def _names(spec: Spec) -> Iterator[Diagnostic]:
    """Steps, deployments and monitors have one name space: `machines` and `targets.<t>.steps` name them all."""
    monitors = spec.monitoring.monitors if spec.monitoring else {}
    taken: dict[str, str] = {}
    spaces: tuple[tuple[str, SpecPath, Any], ...] = (
        ("step", ("steps",), spec.steps),
        ("deployment", ("deployments",), spec.deployments),
        ("monitor", ("monitoring", "monitors"), monitors),
    )
    for what, path, names in spaces:
        for name in names:
            if name in RESERVED and what != "step":
                said = f"`{name}` is taken: a {what} cannot be called so"
                yield Diagnostic("MG125", said, (*path, name), f"call it `my-{name}`", on=On.KEY)
            elif name in taken:
                said = f"the {taken[name]} and the {what} `{name}` share one name"
                yield Diagnostic(
                    "MG125", said, (*path, name), "`machines` and `targets.<target>.steps` name both", on=On.KEY
                )
            taken.setdefault(name, what)


def _code(spec: Spec) -> Iterator[Diagnostic]:
    code = spec.code
    if code.image is None:
        return
    for key in ("base", "requirements"):
        if getattr(code, key) is not None:
            said = f"`image` exists already and is not built, so `{key}` has no effect"
            yield against(said, ("code", key), "keep `image` alone, or leave it out", on=On.KEY)


def _registry(spec: Spec) -> Iterator[Diagnostic]:
    registry = spec.registry
    if registry.from_ is not None and spec.training is not None:
        said = "`from` takes a model that exists, and `training` makes one: only one of them can be registered"
        yield against(
            said, ("registry", "from"), "take `from` out, or start from it: `training: {start_from: …}`", on=On.KEY
        )
    if registry.from_ is None and spec.training is None:
        for name, deployment in spec.deployments.items():
            if deployment.model is None:
                said = f"deployment `{name}` has no model: nothing trains one and none is named"
                hint = "add `training`, `registry: {from: …}`, or `model: <name>:<version>`"
                yield against(said, ("deployments", name), hint, on=On.KEY)


def _ci(spec: Spec) -> Iterator[Diagnostic]:
    ci = spec.ci
    if ci is None:
        return
    reached = tuple(dict.fromkeys((*ci.branches.values(), *ci.promote)))
    for index, environment in enumerate(ci.approve):
        if environment not in reached:
            said = f"nothing is delivered to `{environment}`, so nobody can approve it"
            listed = ", ".join(f"`{other}`" for other in reached) or "none"
            yield against(said, ("ci", "approve", index), f"`branches` and `promote` name {listed}")
    for key in ("providers", "promote", "approve"):
        values: tuple[str, ...] = getattr(ci, key)
        for index, value in enumerate(values):
            if value in values[:index]:
                yield against(f"`{value}` stands in `{key}` twice", ("ci", key, index), "write it once")


def _residency(spec: Spec) -> Iterator[Diagnostic]:
    allowed = spec.data.residency if spec.data else ()
    for index, place in enumerate(allowed):
        if not known_place(place):
            yield unknown("MG122", "region or group", place, GROUPS, ("data", "residency", index))
    for name, block in spec.targets.items():
        region = block.get("region") if isinstance(block, dict) else getattr(block, "region", None)
        if isinstance(region, str) and not residency_allows(allowed, region):
            listed = " or ".join(f"`{place}`" for place in allowed)
            said = f"region `{region}` is outside of where the data may be: {listed}"
            yield Diagnostic(
                "MG122", said, ("targets", name, "region"), "choose a region inside, or widen `data.residency`"
            )

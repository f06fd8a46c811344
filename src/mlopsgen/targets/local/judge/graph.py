"""Where things come from: who reads from whom, the places of the spec, the data that a version names."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping

from mlopsgen.targets.local.judge.placing import Findings, Wrong
from mlopsgen.targets.local.native import (
    FromRegistry,
    FromSource,
    FromStep,
    Input,
    LocalFiles,
    Place,
    PlanFile,
    Step,
    StepKind,
)
from mlopsgen.targets.local.read import waits_for


def graph(plan: PlanFile) -> Findings:
    """Findings about the edges between steps, and between steps and sources."""
    for name, count in Counter(step.name for step in plan.steps).items():
        if count > 1:
            yield Wrong("MG436", f"{count} steps are called `{name}`", name)
    named = {step.name: step for step in plan.steps}
    for step in plan.steps:
        for port, item in step.inputs.items():
            yield from _input(plan, named, step, port, item)
        yield from _order(named, step)
    yield from _unread(plan)
    yield from _cycles(plan)


def _input(plan: PlanFile, named: Mapping[str, Step], step: Step, port: str, item: Input) -> Findings:
    match item.origin:
        case FromStep() as origin:
            maker = named.get(origin.step)
            kind = maker.outputs.get(origin.output) if maker else None
            there = f"{origin.step}.{origin.output}"
        case FromSource() as origin:
            kind = "source" if origin.source in plan.sources else None
            there = f"source {origin.source}"
        case FromRegistry() as origin:
            kind, there = "model", f"model {origin.model}"
    if kind is None:
        yield Wrong("MG434", f"`{step.name}` reads `{there}` as `{port}`, and there is none", step.name)
    elif item.kind != kind:
        yield Wrong("MG433", f"`{step.name}` takes `{there}` for {item.kind}; it is {kind}", step.name)


def _order(named: Mapping[str, Step], step: Step) -> Findings:
    for name, count in Counter(step.after).items():
        if count > 1:
            yield Wrong("MG436", f"`{step.name}` runs after `{name}` {count} times", step.name)
        if name not in named:
            yield Wrong("MG434", f"`{step.name}` runs after `{name}`, and there is none", step.name)
    for name in waits_for(step):
        if name in named and named[name].always and not step.always:
            yield Wrong("MG433", f"`{step.name}` waits for `{name}`, which runs when all else has ended", step.name)


def _unread(plan: PlanFile) -> Findings:
    read = {i.origin.source for s in plan.steps for i in s.inputs.values() if isinstance(i.origin, FromSource)}
    for name in sorted(plan.sources.keys() - read):
        yield Wrong("MG434", f"no step reads the source `{name}`")


def _cycles(plan: PlanFile) -> Findings:
    left = {step.name: set(waits_for(step)) for step in plan.steps}
    while ready := [name for name, waits in left.items() if not waits & left.keys()]:
        for name in ready:
            del left[name]
    if left:
        names = ", ".join(f"`{name}`" for name in left)
        yield Wrong("MG435", f"these steps wait for each other: {names}", next(iter(left)))


_PLACES: Mapping[StepKind, tuple[Place, ...]] = {
    "prepare": (("data", "split"), ("data", "prepare")),
    "train": (("training",),),
    "tune": (("training",),),
    "evaluate": (("evaluation",),),
    "register": (("registry",),),
}
_NAMES: Mapping[StepKind, str] = {
    "prepare": "prepare",
    "train": "training",
    "tune": "training",
    "evaluate": "evaluation",
    "register": "registry",
}
_CODE = re.compile(r"src-[0-9a-f]{16}|[^\s]+@sha256:[0-9a-f]{64}")


def lineage(plan: PlanFile) -> Findings:
    """Findings about places of the spec, and about what a registered version says of its origin."""
    for name, parameter in plan.parameters.items():
        yield from _leads(f"the parameter `{name}`", parameter.place, (("parameters", name),))
    for name, source in plan.sources.items():
        where: Place = ("data", "sources", name)
        yield from _leads(f"the source `{name}`", source.place, (where, (*where, "uri")))
    for name, deployment in plan.deployments.items():
        yield from _leads(f"the deployment `{name}`", deployment.step.place, (("deployments", name),))
        if deployment.step.name != name:
            yield Wrong("MG433", f"the deployment `{name}` has a step that is called `{deployment.step.name}`")
    for step in plan.steps:
        expected = _PLACES.get(step.kind, (("steps", step.name),))
        yield from (Wrong(w.code, w.message, step.name) for w in _leads(f"`{step.name}`", step.place, expected))
        if step.name != _NAMES.get(step.kind, step.name):
            yield Wrong("MG433", f"a step of kind {step.kind} is called `{_NAMES[step.kind]}`", step.name)
        if step.register is not None:
            yield from (Wrong(w.code, w.message, step.name) for w in _origin(plan, step))


def _leads(who: str, place: Place, expected: tuple[Place, ...]) -> Findings:
    if place not in expected:
        text, expected_text = (".".join(map(str, one)) for one in (place, expected[0]))
        yield Wrong("MG434", f"{who} points to `{text}` of the spec, not to `{expected_text}`")


def _origin(plan: PlanFile, step: Step) -> Findings:
    flags = dict(a[2:].partition("=")[::2] for a in step.argv if isinstance(a, str) and a.startswith("--"))
    if "code-digest" in flags and not _CODE.fullmatch(flags["code-digest"]):
        yield Wrong("MG433", f"`{step.name}` names the code `{flags['code-digest']}`, which is no digest")
    if "version-of-data" not in flags:
        return
    try:
        versions = json.loads(flags["version-of-data"])
    except ValueError:
        versions = None
    if not isinstance(versions, dict):
        yield Wrong("MG433", f"`{step.name}` does not say which data it learned from: a JSON object of versions")
        return
    for name in sorted(plan.sources.keys() ^ versions.keys()):
        yield Wrong("MG434", f"`{step.name}` and the plan do not name the same sources: `{name}`")
    for name, source in plan.sources.items():
        if isinstance(source, LocalFiles) and versions.get(name, "") not in ("", f"sha256:{source.digest}"):
            yield Wrong("MG444", f"`{step.name}` names another version of `{name}` than the plan reads")

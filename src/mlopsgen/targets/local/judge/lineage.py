"""Where things come from: the places of the spec that a plan points to, and the data that a version names."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from mlopsgen.targets.local.judge.placing import Findings, Wrong
from mlopsgen.targets.local.native import LocalFiles, Place, PlanFile, Step, StepKind

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
    for step in plan.steps:
        expected = _PLACES.get(step.kind, (("steps", step.name),))
        yield from (Wrong(w.code, w.message, step.name) for w in _leads(f"`{step.name}`", step.place, expected))
        if step.name != _NAMES.get(step.kind, step.name):
            yield Wrong("MG433", f"a step of kind {step.kind} is called `{_NAMES[step.kind]}`", step.name)
        if step.register is not None:
            yield from (Wrong(w.code, w.message, step.name) for w in _origin(plan, step))


def _leads(who: str, place: Place, expected: tuple[Place, ...]) -> Findings:
    if place not in expected:
        said, wanted = (".".join(map(str, one)) for one in (place, expected[0]))
        yield Wrong("MG434", f"{who} points to `{said}` of the spec, not to `{wanted}`")


def _origin(plan: PlanFile, step: Step) -> Findings:
    told = dict(a[2:].partition("=")[::2] for a in step.argv if isinstance(a, str) and a.startswith("--"))
    if "code-digest" in told and not _CODE.fullmatch(told["code-digest"]):
        yield Wrong("MG433", f"`{step.name}` names the code `{told['code-digest']}`, which is no digest")
    if "version-of-data" not in told:
        return
    try:
        versions = json.loads(told["version-of-data"])
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

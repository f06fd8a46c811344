"""One spec with a text in every place where a user's text goes on a way, and what is said about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from mlopsgen.compile import CompileRequest, check, compile_for
from mlopsgen.diagnostics import Diagnostic, SpecError, SpecPath, errors
from tests.targets.azureml.asked import BLOCK as AZUREML
from tests.targets.azureml.asked import WATCHED
from tests.targets.kubeflow.emit.made import OPTIONS as KUBEFLOW
from tests.targets.vertex.asked import BLOCK as VERTEX

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "azureml": AZUREML,
    "kubeflow": KUBEFLOW,
    "sagemaker": {"region": "eu-west-1", "account": "123456789012", "bucket": "acme-ml"},
    "vertex": VERTEX,
}
LAKE: Mapping[str, str] = {
    "azureml": WATCHED,
    "kubeflow": "s3://acme-ml/lake/",
    "sagemaker": "s3://acme-ml/lake/",
    "vertex": "gs://acme-ml-models/lake/",
}
"""Where a target's new files arrive."""
Q = "-"
"""The default of a parameter that stands between two texts."""
OTHER = "other"
"""What a search may choose instead of a text."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text is read in the end: a flag, a word or a variable of a step's process, or a field of a resource."""

    step: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Written:
    """What a spec says at a place: where it says it, and what has to arrive."""

    paths: tuple[SpecPath, ...]
    value: str


Texts: TypeAlias = Mapping[Place, Written]
Files: TypeAlias = Mapping[str, bytes]


def words(texts: Sequence[str]) -> Texts:
    """Every text as a param, a variable, a word, a parameter's default, a part of a text and a choice."""
    places: dict[Place, Written] = {}
    for number, text in enumerate(texts):
        at = f"{number:02d}"
        for step in ("use", "training", "evaluation", "last"):
            places[Place(step, "flag", f"t{at}")] = Written(((*_base(step), "params", f"t{at}"),), text)
            places[Place(step, "variable", f"T{at}")] = Written(((*_base(step), "env", f"T{at}"),), text)
        places[Place("bare", "word", at)] = Written((("steps", "bare", "run"),), text)
        default = ("parameters", f"p{at}", "default")
        for step in ("refs", "training"):
            places[Place(step, "flag", f"r{at}")] = Written((default, (*_base(step), "params", f"r{at}")), text)
        joined = ("steps", "joins", "params", f"j{at}")
        if not text.endswith("$"):  # there is no way to say `$` before a reference
            places[Place("joins", "flag", f"j{at}")] = Written((joined,), f"{text}{Q}{text}")
        choice = ("training", "tuning", "search", f"c{at}")
        places[Place("training", "choice", f"c{at}")] = Written((choice,), text)
    return places


def _base(step: str) -> SpecPath:
    return (step,) if step in ("training", "evaluation") else ("steps", step)


def around(text: str) -> Texts:
    """One text where a product is described."""
    return {
        Place("", "field", "description"): Written((("description",),), text),
        Place("", "field", "owner"): Written((("owner",),), text),
        Place("", "field", "tag"): Written((("tags", "note"),), text),
        Place("", "field", "card"): Written((("registry", "card", "limits"),), text),
        Place("", "field", "prefix"): Written((("data", "sources", "lake", "uri"),), text),
        Place("", "field", "parameter"): Written((("parameters", "q", "description"),), text),
    }


Said: TypeAlias = Mapping[Place, str]


def spec_of(target: str, texts: Texts, more: Mapping[str, Any]) -> dict[str, Any]:
    """The spec; a place that is not among the texts is left out of it."""
    said = {place: escaped(one.value) for place, one in texts.items()}
    defaults = {f"p{place.name[1:]}": text for place, text in said.items() if place.name.startswith("r")}
    sources = {"source": "data/churn.csv", "lake": f"{LAKE[target]}{_field(said, 'prefix', 'new')}/"}
    spec: Any = {
        "apiVersion": "mlopsgen/v1",
        "name": "words",
        "description": _field(said, "description", "said"),
        "owner": _field(said, "owner", "somebody"),
        "tags": {"note": _field(said, "tag", "noted")},
        "parameters": {
            "q": {"type": "string", "default": Q, "description": _field(said, "parameter", "a text")},
            **{name: {"type": "string", "default": text} for name, text in defaults.items()},
        },
        "data": {"sources": sources, "main": "source", "label": "churned"},
        "steps": _steps(said),
        "training": {"run": "train.py", **_taken(said, "training"), "tuning": _tuning(said)},
        "evaluation": {"run": "evaluate.py", **_taken(said, "evaluation")},
        "registry": {"model": "words", "card": {"limits": _field(said, "card", "none")}},
        "targets": {target: OPTIONS[target]},
    }
    if target != "kubeflow":
        spec["triggers"] = {"fresh": {"start": "training", "new_data": "data.lake"}}
    whole: dict[str, Any] = merged(spec, more)
    return whole


def _steps(said: Said) -> dict[str, Any]:
    reads = {"inputs": {"rows": "data.source"}}
    halves = {name: joined_text(text) for name, text in _params(said, "joins", "flag").items()}
    return {
        "use": {"run": "clean.py", **reads, **_taken(said, "use")},
        "refs": {"run": "a.py", **reads, "params": _params(said, "refs", "flag")},
        "joins": {"run": "b.py", **reads, "params": halves},
        "bare": {"run": ["tool", *_params(said, "bare", "word").values()]},
        "last": {"run": "tell.py", "always": True, **_taken(said, "last")},
    }


def _tuning(said: Said) -> dict[str, Any]:
    choices = {name: {"choice": [OTHER, text]} for name, text in _params(said, "training", "choice").items()}
    search: dict[str, Any] = {"depth": {"int": [1, 3]}, **choices}
    return {"metric": "accuracy", "strategy": "bayesian", "trials": 3, "parallel": 2, "search": search}


def _taken(said: Said, step: str) -> dict[str, Any]:
    return {"params": _params(said, step, "flag"), "env": _params(said, step, "variable")}


def _params(said: Said, step: str, kind: str) -> dict[str, str]:
    """Texts of a step; those whose name starts with `r` are a parameter of the run."""
    own = {place.name: text for place, text in said.items() if (place.step, place.kind) == (step, kind)}
    return {name: f"${{parameters.p{name[1:]}}}" if name.startswith("r") else text for name, text in own.items()}


def _field(said: Said, name: str, default: str) -> str:
    return said.get(Place("", "field", name), default)


def merged(old: Any, new: Any) -> Any:
    if not isinstance(old, dict) or not isinstance(new, Mapping):
        return new
    both = {key: merged(old.get(key), new[key]) if key in new else old[key] for key in {**old, **new}}
    return {key: value for key, value in both.items() if value is not None}


def escaped(text: str) -> str:
    """The text as a spec says it."""
    return text.replace("${", "$${")


def joined_text(text: str) -> str:
    """Twice the same half, with a parameter of the run between."""
    half = text[: (len(text) - len(Q)) // 2]
    return f"{half}${{parameters.q}}{half}"


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle, the places whose texts are in it, and what was said about the other places."""

    files: Files
    kept: Texts
    refused: Mapping[Place, Diagnostic]


def made(root: Path, target: str, texts: Texts, more: Mapping[str, Any] | None = None) -> Made:
    """The bundle of the spec, without what is refused there."""
    kept, refused, known = dict(texts), dict[Place, Diagnostic](), set[str]()
    for _ in range(6):
        files, found = compiled(root, target, spec_of(target, kept, more or {}))
        if not found:
            return Made(files, kept, refused)
        known |= {one.value for place, one in kept.items() if place.kind == "flag" and _exactly(one, found)}
        out = dict(_refused(kept, found, known))
        assert out, [(one.code, one.message, one.spec_path) for one in found]
        refused |= out
        kept = {place: one for place, one in kept.items() if place not in out}
    raise AssertionError("refused again and again")


def compiled(root: Path, target: str, spec: Mapping[str, Any]) -> tuple[Files, tuple[Diagnostic, ...]]:
    """The files, or the errors that keep the target from them: each with a code and a line."""
    path = root / "spec.yaml"
    path.write_text(json.dumps(spec, ensure_ascii=False, indent=1), encoding="utf-8")
    try:
        done = compile_for(check(CompileRequest(path, path.read_bytes()), (target,)), target)
    except SpecError as stopped:
        found = errors(stopped.findings)
        assert all(one.code and one.span for one in found), found
        return {}, found
    return done.bundle.files, ()


def _refused(texts: Texts, found: Iterable[Diagnostic], known: set[str]) -> Iterable[tuple[Place, Diagnostic]]:
    """The places that findings are about; where one is about many, those whose text is refused elsewhere, too."""
    for finding in found:
        about = [place for place, one in texts.items() if any(_related(path, finding.spec_path) for path in one.paths)]
        sure = [place for place in about if texts[place].value in known] if len(about) > 1 else about
        yield from ((place, finding) for place in sure or about)


def _exactly(one: Written, found: Iterable[Diagnostic]) -> bool:
    return any(finding.spec_path in one.paths for finding in found)


def _related(path: SpecPath, found: SpecPath | None) -> bool:
    return bool(found) and found is not None and (found[: len(path)] == path or path[: len(found)] == found)

"""Asks the schemas of a cluster about manifests: `python outside.py FOLDER` prints one finding a line, as JSON.

It runs in an environment of its own: kubernetes-validate knows the objects of Kubernetes, kubeflow_katib_api and
kubeflow_trainer_api those of Katib and Trainer, kfp_server_api the requests of recurring runs. The models drop
keys that they do not know, so what comes back from them must be what went in.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

IMAGE = "image"
VERSION = "1.31"
"""The oldest Kubernetes that is still kept by its makers' distributions."""
KUSTOMIZE = "kustomize.config.k8s.io/"
RUN_KEYS = {"trigger", "display_name"}


class Loader(yaml.SafeLoader):
    """Dates stay text, as the API server takes them."""


def _as_text(loader: Loader, node: Any) -> Any:
    return loader.construct_scalar(node)


Loader.add_constructor("tag:yaml.org,2002:timestamp", _as_text)


def main(folder: Path) -> None:
    """Every finding of every manifest."""
    warnings.simplefilter("ignore")
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.suffix in (".yaml", ".yml", ".json") and path.is_file() and name.parts[0] != IMAGE:
            for finding in judge(path):
                sys.stdout.write(json.dumps({**finding, "file": name.as_posix()}) + "\n")


def judge(path: Path) -> Iterator[dict[str, str]]:
    """What the schemas say of one file; nothing of one that holds no manifest."""
    try:
        documents = list(yaml.load_all(path.read_text(encoding="utf-8"), Loader))
    except (yaml.YAMLError, UnicodeDecodeError) as wrong:
        yield _finding("MG438", str(wrong).splitlines()[0], "")
        return
    for number, document in enumerate(documents):
        top = f"/{number}" if len(documents) > 1 else ""
        if isinstance(document, dict) and {"apiVersion", "kind"} <= set(document):
            yield from _object(document, top)
        elif isinstance(document, dict) and set(document) >= RUN_KEYS:
            yield from _request(document, top)


def _object(document: dict[str, Any], top: str) -> Iterator[dict[str, str]]:
    version, kind = str(document["apiVersion"]), document["kind"]
    if version.startswith(KUSTOMIZE):
        return
    if version.startswith("kubeflow.org/") and kind == "Experiment":
        from kubeflow_katib_api.models import V1beta1Experiment

        yield from _model(V1beta1Experiment, document, top)
        yield from _trial(document, top)
    elif version.startswith("trainer.kubeflow.org/") and kind == "TrainJob":
        from kubeflow_trainer_api.models import TrainerV1alpha1TrainJob

        yield from _model(TrainerV1alpha1TrainJob, document, top)
    else:
        yield from _core(document, top)


def _trial(document: dict[str, Any], top: str) -> Iterator[dict[str, str]]:
    """The job that each trial is, under the name that Katib would give it."""
    template = document.get("spec") or {}
    trial = (template.get("trialTemplate") or {}).get("trialSpec") if isinstance(template, dict) else None
    if isinstance(trial, dict) and trial.get("kind") == "Job" and "apiVersion" in trial:
        named = {**trial, "metadata": {"name": "trial", **(trial.get("metadata") or {})}}
        yield from _core(named, f"{top}/spec/trialTemplate/trialSpec")


def _core(document: dict[str, Any], top: str) -> Iterator[dict[str, str]]:
    import kubernetes_validate

    try:
        kubernetes_validate.validate(document, VERSION, strict=True)
    except kubernetes_validate.ValidationError as wrong:
        at = top + "".join(f"/{_escaped(part)}" for part in wrong.absolute_path)
        code = {"additionalProperties": "MG430", "required": "MG432", "type": "MG431"}.get(wrong.validator, "MG433")
        yield _finding(code, wrong.message[:300], at)
    except kubernetes_validate.SchemaNotFoundError:
        # A resource that an operator brings: nobody here knows its schema.
        group = str(document["apiVersion"]).partition("/")[0]
        if "." not in group or group.endswith(".k8s.io"):
            message = f"Kubernetes {VERSION} has no {document['kind']} in {document['apiVersion']}"
            yield _finding("MG433", message, f"{top}/kind")


def _model(model: Any, document: dict[str, Any], top: str) -> Iterator[dict[str, str]]:
    from pydantic import ValidationError

    try:
        back = json.loads(model.from_dict(document).to_json())
    except ValidationError as wrong:
        for error in wrong.errors():
            code = "MG432" if error["type"] == "missing" else "MG431"
            at = top + "".join(f"/{_escaped(part)}" for part in error["loc"])
            yield _finding(code, str(error["msg"]), at)
    except Exception as wrong:  # noqa: BLE001 — models raise what they meet: no object, no list
        yield _finding("MG431", f"{type(wrong).__name__}: {wrong}"[:300], top)
    else:
        yield from _lost(document, back, top)


def _lost(node: Any, back: Any, at: str) -> Iterator[dict[str, str]]:
    """Keys that did not come back from a model: it does not know them."""
    if isinstance(node, dict) and isinstance(back, dict):
        for key, value in node.items():
            place = f"{at}/{_escaped(key)}"
            if key not in back and value not in (None, {}, []):
                yield _finding("MG430", f"the schema has no `{key}` here", place)
            elif key in back:
                yield from _lost(value, back[key], place)
    elif isinstance(node, list) and isinstance(back, list):
        for number, (one, other) in enumerate(zip(node, back, strict=False)):
            yield from _lost(one, other, f"{at}/{number}")


def _request(document: dict[str, Any], top: str) -> Iterator[dict[str, str]]:
    """A recurring run, as the client of Kubeflow Pipelines would send it."""
    import kfp_server_api

    yield from _typed(kfp_server_api, "V2beta1RecurringRun", document, top)


def _typed(api: Any, kind: str, value: Any, at: str) -> Iterator[dict[str, str]]:
    plain: dict[str, Any] = {"str": str, "bool": bool, "object": object, "datetime": str, "int": int}
    if kind in plain:
        if not isinstance(value, plain[kind]):
            yield _finding("MG431", f"{kind} must stand here", at)
        return
    model = getattr(api, kind, None)
    types = getattr(model, "openapi_types", None)
    if not types:
        allowed = getattr(model, "allowable_values", None)
        if allowed and value not in allowed:
            yield _finding("MG433", f"none of {', '.join(allowed)}", at)
        return
    if not isinstance(value, dict):
        yield _finding("MG431", "an object must stand here", at)
        return
    for key, inner in value.items():
        place = f"{at}/{_escaped(key)}"
        if key not in types:
            yield _finding("MG430", f"{kind} has no `{key}`", place)
        else:
            yield from _typed(api, types[key], inner, place)


def _escaped(part: Any) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _finding(code: str, message: str, at: str) -> dict[str, str]:
    return {"code": code, "message": f"schema: {message}", "at": at}


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Names that are made of a product's, a trigger's or a step's are names that each service takes, short ones and long.

Where a name cannot be made to fit, the spec is refused (MG305): a cloud says so only when something is made there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml

from mlopsgen.compile import CompileRequest, compile_spec
from mlopsgen.diagnostics import SpecError, errors
from tests.hops.spec import LAKE, OPTIONS
from tests.wrong import lay

Files: TypeAlias = Mapping[str, bytes]
Named: TypeAlias = Iterator[tuple[str, str]]
"""What is named, by its pattern, and its name."""

_ENTITY = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,%d}"
_ASSET = r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}"
_LABEL = r"[a-z0-9]([a-z0-9-]{0,%d}[a-z0-9])?"
PATTERNS: Mapping[str, Mapping[str, str]] = {
    # botocore's shapes of each service, but roles: IAM/latest/UserGuide/reference_iam-quotas.html.
    "sagemaker": {
        "PipelineName": _ENTITY % 255,
        "ModelPackageGroupName": _ENTITY % 62,
        "RoleName": r"[\w+=,.@-]{1,64}",
        "ManagedPolicyName": r"[\w+=,.@-]{1,128}",
        "RepositoryName": r"(?=.{2,256}$)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*",
        "AWS::Scheduler::Schedule": r"[0-9a-zA-Z-_.]{1,64}",
        "AWS::Events::Rule": r"[.\-_A-Za-z0-9]{1,64}",
        "step": r"[A-Za-z0-9\-_]{1,64}",
        "experiment": _ENTITY % 119,
    },
    # azure-rest-api-specs, machinelearningservices: the parameter `name` of every asset and schedule; clusters:
    # how-to-create-attach-compute-cluster; all others: azure-resource-manager/management/resource-name-rules.
    "azureml": {
        "experiment": _ASSET,
        "component": _ASSET,
        "environment": _ASSET,
        "data": _ASSET,
        "schedule": _ASSET,
        "model": r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}",
        "compute": r"[a-zA-Z][a-zA-Z0-9-]{0,14}[a-zA-Z0-9]",
        "Microsoft.ManagedIdentity/userAssignedIdentities": r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}",
        "Microsoft.Logic/workflows": r"[a-zA-Z0-9._-]{1,80}",
        "Microsoft.Resources/deployments": r"[a-zA-Z0-9_.()-]{1,64}",
        "eventSubscriptions": r"[a-zA-Z0-9-]{3,64}",
    },
    # The template: vertex-ai/docs/pipelines/create-pipeline-template; aiplatform v1 for jobs, schedules and models; the
    # provider's own checks of what Terraform makes (google_service_account, …_repository, …_custom_role, workflows).
    "vertex": {
        "pipeline": r"[a-z0-9][a-z0-9-]{3,127}",
        "template": r"[a-z0-9][a-z0-9-]{3,127}",
        "displayName": r".{1,128}",
        "model": r"[a-z_][a-z0-9_-]{0,62}",
        "label": r"[a-z0-9_-]{0,63}",
        "google_service_account": r"[a-z](?:[-a-z0-9]{4,28}[a-z0-9])",
        "google_artifact_registry_repository": r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
        "google_project_iam_custom_role": r"[a-zA-Z0-9_.]{3,64}",
        "google_workflows_workflow": r"[a-zA-Z](?:[a-zA-Z0-9_-]{0,62}[a-zA-Z0-9])?",
        "google_eventarc_trigger": r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
    },
    # kubeflow/pipelines, ValidatePipelineName; Kubernetes' names and labels. Trials, their jobs and their pods add 23
    # characters to an Experiment's name, and a pod's name is a label's value.
    "kubeflow": {
        "pipeline": r"[a-z0-9][a-z0-9-]{0,127}",
        "task": _LABEL % 61,
        "object": _LABEL % 251,
        "Experiment": _LABEL % 38,
        "label": r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?",
        "recurring run": r".{1,128}",
    },
}


def of_sagemaker(files: Files) -> Named:
    stack = yaml.safe_load(files["stack.yaml"])
    for resource in stack["Resources"].values():
        for key, value in resource.get("Properties", {}).items():
            if isinstance(value, str) and (key in PATTERNS["sagemaker"] or key == "Name"):
                yield (resource["Type"] if key == "Name" else key), value
    definition = json.loads(files["pipeline.json"])
    yield "experiment", definition["PipelineExperimentConfig"]["ExperimentName"]
    yield from (("step", step["Name"]) for step in definition["Steps"])


def of_azureml(files: Files) -> Named:
    kinds = {"components": "component", "data": "data", "schedules": "schedule", "compute": "compute"}
    for path, content in files.items():
        folder = path.partition("/")[0]
        if path.endswith(".yml") and (folder in kinds or path == "environment.yml"):
            yield kinds.get(folder, "environment"), yaml.safe_load(content)["name"]
        elif path in ("pipeline.yml", "exit-handler.yml"):
            yield "experiment", yaml.safe_load(content)["experiment_name"]
        elif folder == "infra":
            yield from _of_arm(json.loads(content)["resources"])
        named = re.findall(r"--name='?([^\s']+)", content.decode()) if folder == "components" else ()
        yield from (("model", name) for name in named)


def _of_arm(resources: Any) -> Named:
    for one in resources.values() if isinstance(resources, dict) else resources:
        kind, name = str(one["type"]), str(one["name"])
        if not name.startswith("["):
            yield ("eventSubscriptions" if kind.endswith("eventSubscriptions") else kind), name.rpartition("/")[2]
        template = one.get("properties", {}).get("template", {})
        yield from _of_arm(template.get("resources", ()))


def of_vertex(files: Files) -> Named:
    (pipeline, *_) = yaml.safe_load_all(files["pipeline.yaml"])
    yield "pipeline", pipeline["pipelineInfo"]["name"]
    for path, content in files.items():
        if path.startswith("requests/"):
            yield from _of_request(json.loads(content))
        elif path.endswith(".tf.json"):
            for kind, made in json.loads(content).get("resource", {}).items():
                keys = ("account_id", "repository_id", "role_id", "name")
                names = (one.get(key) for one in made.values() for key in keys if kind in PATTERNS["vertex"])
                yield from ((kind, name) for name in names if name and not name.startswith("${"))
    text = files["pipeline.yaml"].decode()
    yield from (("model", name) for name in re.findall(r"--name=([a-z0-9_-]+)", text))


def _of_request(body: dict[str, Any]) -> Named:
    yield "displayName", body["displayName"]
    job = body.get("createPipelineJobRequest", {}).get("pipelineJob", body)
    yield from (("label", value) for value in job["labels"].values())
    package, tag = job["templateUri"].split("/")[-2:]
    assert tag
    yield "template", package


def of_kubeflow(files: Files) -> Named:
    for path, content in files.items():
        if path == "pipeline.yaml":
            pipeline, *_ = yaml.safe_load_all(content)
            yield "pipeline", pipeline["pipelineInfo"]["name"]
            yield from (("task", name) for name in pipeline["root"]["dag"]["tasks"])
        elif path.startswith("recurring-runs/"):
            yield "recurring run", json.loads(content)["display_name"]
        elif path.startswith("manifests/"):
            for document in yaml.safe_load_all(content):
                yield from _of_object(document)


def _of_object(document: dict[str, Any]) -> Named:
    about = document.get("metadata", {})
    if "name" in about:
        yield ("Experiment" if document["kind"] == "Experiment" else "object"), about["name"]
    yield from (("label", value) for value in about.get("labels", {}).values())
    yield from (("object", one["name"]) for one in document.get("configMapGenerator", ()))


NAMES = {"sagemaker": of_sagemaker, "azureml": of_azureml, "vertex": of_vertex, "kubeflow": of_kubeflow}


def spec(target: str, name: str, other: str) -> dict[str, Any]:
    """A spec with all that is named after a product, a trigger or a step."""
    tuning = {"metric": "accuracy", "strategy": "bayesian", "trials": 4, "search": {"depth": {"int": [1, 9]}}}
    triggers = {other: {"start": "training", "schedule": "0 2 * * 1"}}
    if target != "kubeflow":
        triggers["n"] = {"start": "training", "new_data": "data.lake"}
    return {
        "apiVersion": "mlopsgen/v1",
        "name": name,
        "data": {
            "sources": {"source": "data/churn.csv", "lake": f"{LAKE[target]}new/"},
            "main": "source",
            "label": "churned",
        },
        "steps": {
            other: {"run": "clean.py", "inputs": {"rows": "data.source"}, "outputs": {"page": "report"}},
            "t": {"run": "tell.py", "always": True},
        },
        "training": {"run": "train.py", "tuning": tuning},
        "evaluation": {"run": "evaluate.py", "gates": {"accuracy": {"better_than": "champion"}}},
        "triggers": triggers,
        "targets": {target: {key: value for key, value in OPTIONS[target].items() if key != "compute"}},
    }


RARE = {"ManagedPolicyName", "Microsoft.Resources/deployments"}
"""What is made for some specs alone."""


@pytest.mark.parametrize("target", NAMES)
@pytest.mark.parametrize("product", [1, 3, 20, 48])
@pytest.mark.parametrize("other", [1, 48])
def test_a_name_of_any_length_is_one_that_its_service_takes_or_is_refused(
    target: str, product: int, other: int, tmp_path: Path
) -> None:
    """A repository of templates took no product of three letters, and said so when the first one was uploaded."""
    path = lay(tmp_path) / "spec.yaml"
    path.write_text(json.dumps(spec(target, "c" * product, "w" * other)))
    request = CompileRequest(path, path.read_bytes())
    if target == "sagemaker" and (product in (1, 48) or product + other > 60):
        with pytest.raises(SpecError) as refused:
            compile_spec(request, target)
        assert {d.code for d in errors(refused.value.findings)} == {"MG305"}
        return
    names = set(NAMES[target](compile_spec(request, target).bundle.files))
    assert {what for what, _ in names} >= set(PATTERNS[target]) - RARE
    wrong = [(what, name) for what, name in names if (p := PATTERNS[target].get(what)) and not re.fullmatch(p, name)]
    assert wrong == []

"""What a bundle says about a product, read where each platform keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from tests.hops import aws, azure, google, pipelines
from tests.hops.process import recorders

Files: TypeAlias = Mapping[str, bytes]
Found: TypeAlias = Iterator[tuple[str, str]]


def azureml(files: Files, root: Path) -> Found:
    """Field → text, as often as it is there."""
    pipeline = yaml.safe_load(files["pipeline.yml"])
    yield "description", azure.evaluated(pipeline["description"])
    yield from _tags(pipeline["tags"])
    registry = dict(azure.commands(files, recorders(root / "bin")))["registry"]
    said = dict(word[2:].split("=", 1) for word in registry.argv if word.startswith("--") and "=" in word)
    yield "card", json.loads(said["card"])["limits"]
    yield "description", said["description"]
    yield from _tags(json.loads(said["tags"]))
    for resource in azure.templates(files):
        yield from _tags(resource.get("tags", {}))
        watched = resource.get("properties", {}).get("filter", {}).get("subjectBeginsWith")
        if watched:
            yield "prefix", watched.partition("/blobs/churn/")[2].removesuffix("/")


def kubeflow(files: Files, root: Path) -> Found:
    """Field → text, as often as it is there."""
    spec, *_ = yaml.safe_load_all(files["pipeline.yaml"])
    yield "description", spec["pipelineInfo"]["description"]
    yield from _parameter(spec)
    for name, content in files.items():
        if name.endswith("-experiment.json"):
            about = json.loads(content)["metadata"]
            yield from _tags({**about["labels"], **about["annotations"]})
    yield from _card(dict(pipelines.kubeflow(files, recorders(root / "bin")))["registry"].argv)


def vertex(files: Files, root: Path) -> Found:
    """Field → text, as often as it is there."""
    (spec,) = yaml.safe_load_all(files["pipeline.yaml"])
    yield "description", spec["pipelineInfo"]["description"]
    yield from _parameter(spec)
    argv = dict(pipelines.vertex(files))["registry"].argv
    yield from _card(argv)
    (settings,) = (word for word in argv if word.startswith("--settings="))
    model = json.loads(settings.partition("=")[2])["model"]
    yield "description", model["description"]
    yield from _tags(model["labels"])
    for text in _labels(google.terraform(files)):
        yield "tag", text
    (flow,) = (google.workflow(content) for name, content in files.items() if name.endswith("fresh.yaml"))
    assigned = flow["main"]["steps"][0]["place"]["assign"][0]["prefix"]
    yield "prefix", assigned.removeprefix("lake/").removesuffix("/")


def sagemaker(files: Files, root: Path) -> Found:
    """Field → text, as often as it is there."""
    stack = aws.resources(files)
    for resource in stack["Resources"].values():
        own = resource["Properties"]
        if resource["Type"] == "AWS::SageMaker::Pipeline" and own["PipelineName"] == "words":
            yield "description", own["PipelineDescription"]
        if resource["Type"] == "AWS::Events::Rule" and "object" in own["EventPattern"]["detail"]:
            (matched,) = own["EventPattern"]["detail"]["object"]["key"]
            yield "prefix", matched["prefix"].removeprefix("lake/").removesuffix("/")
        tags = own.get("Tags", [])
        yield from _tags({one["Key"]: one["Value"] for one in tags} if isinstance(tags, list) else tags)
    for step in json.loads(files["pipeline.json"])["Steps"]:
        if step["Type"] == "RegisterModel":
            yield "card", _limits(json.loads(step["Arguments"]["ModelCard"]["ModelCardContent"]))
            yield "description", step["Arguments"]["ModelPackageDescription"]
        yield from _tags({one["Key"]: one["Value"] for one in step["Arguments"].get("Tags", ())})


def _limits(card: Mapping[str, Any]) -> str:
    return str(card["additional_information"]["caveats_and_recommendations"])


def _tags(tags: Mapping[str, str]) -> Found:
    for key, text in tags.items():
        if key in ("note", "owner", "mlopsgen.dev/owner"):
            yield "tag" if key == "note" else "owner", text


def _parameter(spec: Mapping[str, Any]) -> Found:
    yield "parameter", spec["root"]["inputDefinitions"]["parameters"]["q"]["description"]


def _card(argv: Any) -> Found:
    (card,) = (word for word in argv if word.startswith("--card="))
    said = json.loads(card.partition("=")[2])
    yield "card", said["limits"]
    yield "owner", said["owner"]


def _labels(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("labels"), Mapping) and "note" in node["labels"]:
            yield node["labels"]["note"]
        for value in node.values():
            yield from _labels(value)
    elif isinstance(node, list):
        for value in node:
            yield from _labels(value)

"""What SageMaker makes of a definition, and CloudFormation of a template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.hops.process import Started, behind_launcher
from tests.targets.sagemaker.emit.plans import every
from tests.targets.sagemaker.executor.expressions import Facts

HIT = "EXPANDED"
RUN = "run-0001"
ENTRY = ("python", "-m", "mlopsgen_runtime")
LINES = re.compile(r"[\n\r\x85\u2028\u2029]")
"""What `.` does not match in a pattern of Java's (java.util.regex.Pattern, line terminators)."""


class _Nothing:
    """No steps have run."""


def jobs(files: Mapping[str, bytes], root: Path) -> Iterator[tuple[str, Started]]:
    """Step → its process. Words and variables are JSON, and nothing expands them.

    docs.aws.amazon.com/sagemaker/latest/APIReference: ContainerArguments, ContainerEntrypoint and HyperParameterValue
    have the pattern `.*`, so a line break is refused; ProcessingEnvironmentValue has `[\\S\\s]*`.
    """
    for file in ("pipeline.json", "exit-handler.json"):
        definition = json.loads(files[file])
        given = {one["Name"]: one.get("DefaultValue", "") for one in definition["Parameters"]}
        facts = Facts(_Nothing(), given, _Any(RUN))  # type: ignore[arg-type]
        for step in every(definition["Steps"]):
            if step["Type"] == "Processing":
                asked = _known(facts, step["Arguments"])
                app = asked["AppSpecification"]
                words = [*app["ContainerEntrypoint"], *app.get("ContainerArguments", ())]
                yield step["Name"], _container(words, asked.get("Environment", {}))
            elif step["Type"] in ("Training", "Tuning"):
                yield from _trainings(step["Name"], _known(facts, step["Arguments"]), root)


def _trainings(name: str, asked: Mapping[str, Any], root: Path) -> Iterator[tuple[str, Started]]:
    job = asked.get("TrainingJobDefinition", asked)
    if words := [
        *job["AlgorithmSpecification"].get("ContainerEntrypoint", ()),
        *job["AlgorithmSpecification"].get("ContainerArguments", ()),
    ]:
        yield f"{name}-node", _container(words, job.get("Environment", {}))
        return
    ranges = asked["HyperParameterTuningJobConfig"]["ParameterRanges"]
    proposed = {one["Name"]: one.get("Values", ["1"])[-1] for kind in ranges.values() for one in kind}
    held = {**job["StaticHyperParameters"], **proposed}
    assert not [value for value in held.values() if LINES.search(value) or len(value) > 2500], held
    # docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html: a file of texts.
    (root / "hyperparameters.json").write_text(json.dumps(held))
    pieces = "".join(value for key, value in held.items() if re.fullmatch("mlopsgen_command(_[0-9]+)?", key))
    words = [word.replace("/opt/ml/input/config", str(root)) for word in json.loads(pieces)]
    yield f"{name}-trial", behind_launcher(Started([*ENTRY, *words], job.get("Environment", {})))


def _container(words: list[str], variables: Mapping[str, str]) -> Started:
    assert not [word for word in words if LINES.search(word) or len(word) > 256], words
    return behind_launcher(Started(words, variables))


class _Any(dict[str, str]):
    """Whatever is asked says the same."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: str) -> str:
        return self.text


def _known(facts: Facts, node: Any) -> Any:
    """Everything filled in but what other steps say."""
    if isinstance(node, Mapping):
        if "Get" in node and str(node["Get"]).startswith("Steps."):
            return "s3://somewhere"
        if {"Std:Join", "Get"} & {*node}:
            return facts.filled(_known_inside(node))
        return {key: _known(facts, value) for key, value in node.items()}
    return [_known(facts, value) for value in node] if isinstance(node, list) else node


def _known_inside(node: Any) -> Any:
    if isinstance(node, Mapping):
        if "Get" in node and str(node["Get"]).startswith("Steps."):
            return "s3://somewhere"
        return {key: _known_inside(value) for key, value in node.items()}
    return [_known_inside(value) for value in node] if isinstance(node, list) else node


def _tagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return {f"Fn::{suffix}": loader.construct_scalar(node)}
    assert isinstance(node, yaml.SequenceNode)
    return {f"Fn::{suffix}": loader.construct_sequence(node, deep=True)}


class _Loader(yaml.SafeLoader):
    """CloudFormation's YAML: `!Sub` and its like are the long form."""


_Loader.add_multi_constructor("!", _tagged)


def resources(files: Mapping[str, bytes]) -> Any:
    """A stack's resources as CloudFormation makes them.

    docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide: intrinsic-function-reference-sub (`${Name}`, `${!Name}` is
    a literal), dynamic-references (`{{resolve:…}}` in any text).
    """
    return _made(yaml.load(files["stack.yaml"], _Loader))


def _made(node: Any) -> Any:
    if isinstance(node, Mapping):
        if len(node) == 1 and "Fn::Sub" in node:
            text = node["Fn::Sub"] if isinstance(node["Fn::Sub"], str) else node["Fn::Sub"][0]
            return re.sub(r"\$\{([^}]*)\}", lambda m: f"${{{m[1][1:]}}}" if m[1].startswith("!") else HIT, text)
        if len(node) == 1 and (next(iter(node)).startswith("Fn::") or "Ref" in node):
            return HIT
        return {key: _made(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_made(value) for value in node]
    return re.sub(r"\{\{resolve:.*?\}\}", HIT, node) if isinstance(node, str) else node

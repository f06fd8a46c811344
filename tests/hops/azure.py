"""What Azure ML makes of a command, ARM of a template, and Logic Apps of a workflow in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.hops.process import Started, behind_launcher, by_shell

HIT = "EXPANDED"
FOLDER = "/mnt/folder"
RUN = "run-0001"
_HOLE = re.compile(r"\$\{\{\s*(inputs|outputs)\.(\w+)\s*\}\}")
_PARENT = re.compile(r"\$\{\{parent\.(inputs|jobs)\.(\w+)(\.outputs\.\w+)?\}\}")
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}|\$\[\[.*?\]\]", re.DOTALL)


def commands(files: Mapping[str, bytes], found_in: Path) -> Iterator[tuple[str, Started]]:
    """Node → its process: values are put into the text of the command as they are, which bash then reads.

    learn.microsoft.com/azure/machine-learning/reference-yaml-core-syntax: "expressions in command … resolved
    server-side"; the command is one text, started by `bash -c` on Linux.
    """
    for file in ("pipeline.yml", "exit-handler.yml"):
        pipeline = yaml.safe_load(files[file])
        for name, node in pipeline["jobs"].items():
            component = yaml.safe_load(files[str(node.get("component", node.get("trial"))).removeprefix("./")])
            given = {key: _bound(value, pipeline) for key, value in node.get("inputs", {}).items()}
            # A sweep's values take the place of inputs: reference-yaml-job-pipeline, `search_space`.
            given |= {key: _drawn(axis) for key, axis in node.get("search_space", {}).items()}
            command = _HOLE.sub(lambda match: given[match[2]] if match[1] == "inputs" else FOLDER, component["command"])  # noqa: B023
            variables = {key: evaluated(value) for key, value in node.get("environment_variables", {}).items()}
            own = {"AZUREML_ROOT_RUN_ID": RUN, **variables}
            started = by_shell("bash", evaluated(command), own, found_in)
            yield f"{name}-trial" if node["type"] == "sweep" else name, behind_launcher(started)


def evaluated(text: str) -> str:
    """A text with every expression evaluated: the worst that the service can know."""
    return _EXPRESSION.sub(HIT, text)


def _bound(value: Any, pipeline: Mapping[str, Any]) -> str:
    found = _PARENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return evaluated(str(value))
    said = pipeline["inputs"][found[2]] if found[1] == "inputs" else {}
    return FOLDER if isinstance(said, dict) else evaluated(str(said))


def _drawn(axis: Mapping[str, Any]) -> str:
    return str(axis["values"][-1]) if axis["type"] == "choice" else str(float(axis["max_value"]))


def arm(template: Mapping[str, Any]) -> Any:
    """A template's resources as ARM deploys them.

    learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions: a text from `[` to `]` is an
    expression, with `[[` at its start it is none, and nothing else is special.
    """
    return _resolved(template["resources"])


def _resolved(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {_resolved(key): _resolved(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_resolved(value) for value in node]
    if not isinstance(node, str) or not (node.startswith("[") and node.endswith("]")):
        return node
    return node[1:] if node.startswith("[[") else "".join(_joined(node[1:-1]))


def _joined(expression: str) -> Iterator[str]:
    """The literals of an expression, in order."""
    for literal in re.findall(r"'((?:[^']|'')*)'", expression):
        yield literal.replace("''", "'")


def logic(definition: Any) -> Any:
    """A workflow's definition as Logic Apps runs it.

    learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language#expressions: a text that starts with
    `@` is an expression, `@{…}` one inside a text; `@@` and `@@{` are those letters.
    """
    if isinstance(definition, Mapping):
        return {key: logic(value) for key, value in definition.items()}
    if isinstance(definition, list):
        return [logic(value) for value in definition]
    if not isinstance(definition, str):
        return definition
    if definition.startswith("@") and not definition.startswith(("@@", "@{")):
        return HIT
    text = re.sub(r"@@\{|@\{.*?\}", lambda m: "@{" if m[0] == "@@{" else HIT, definition, flags=re.DOTALL)
    return text[1:] if text.startswith("@@") and not text.startswith("@@{") else text


def templates(files: Mapping[str, bytes]) -> Iterator[Any]:
    """Every resource that ARM deploys, workflows as they run."""
    for name, content in files.items():
        if name.startswith("infra/") and name.endswith(".json"):
            for resource in arm(json.loads(content)):
                if resource["type"] == "Microsoft.Logic/workflows":
                    yield {**resource, "properties": logic(resource["properties"])}
                else:
                    yield resource

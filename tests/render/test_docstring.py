"""The templates that the package's docstring shows keep the rule and print what they promise."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import yaml

from mlopsgen import render as package
from mlopsgen.render.reading import offences

from .conftest import Render


def shown(start: str) -> str:
    """The example that starts with these words, as a template."""
    assert package.__doc__ is not None
    blocks = textwrap.dedent(package.__doc__.split("\n", 1)[1]).split("\n\n")
    (example,) = [textwrap.dedent(block) for block in blocks if block.strip().startswith(start)]
    assert offences(example) == []
    return example.removeprefix("\n") + "\n"


def test_the_json_example(rendered: Render) -> None:
    steps: list[dict[str, Any]] = [
        {"name": "a", "type": "Training", "depends_on": []},
        {"name": "b", "type": "Fail", "depends_on": ["a"]},
    ]
    document = json.loads(rendered("pipeline.json", shown("{# pipeline.json"), {"steps": steps}))
    assert document["Steps"] == [{"Name": "a", "Type": "Training"}, {"Name": "b", "Type": "Fail", "DependsOn": ["a"]}]


def test_the_yaml_example(rendered: Render) -> None:
    roles = [{"id": "Runner", "trust": {"Version": "2012-10-17"}, "tags": [{"Key": "k", "Value": "no"}]}]
    document = yaml.safe_load(rendered("stack.yaml", shown("{# stack.yaml"), {"roles": roles}))
    assert document["Resources"]["Runner"]["Properties"] == {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17"},
        "Tags": [{"Key": "k", "Value": "no"}],
    }

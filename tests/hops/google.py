"""What Terraform makes of a file of JSON, and Workflows of a file of YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

HIT = "EXPANDED"
_SEQUENCE = re.compile(r"(\$\$\{|%%\{)|\$\{.*?\}|%\{.*?\}", re.DOTALL)


def terraform(files: Mapping[str, bytes]) -> Any:
    """The file as Terraform reads it: every text is a template.

    developer.hashicorp.com/terraform/language/syntax/json ("strings are interpreted as string templates") and
    …/expressions/strings: `${…}` is evaluated, `%{…}` is a directive, `$${` and `%%{` are those letters.
    """
    return _made(json.loads(re.sub(rb",(\s*[}\]])", rb"\1", files["infra/main.tf.json"])))


def _made(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _made(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_made(value) for value in node]
    return _SEQUENCE.sub(lambda m: m[0][1:] if m[1] else HIT, node) if isinstance(node, str) else node


def workflow(content: bytes) -> Any:
    """A workflow as Workflows runs it: `${…}` is an expression, wherever it stands.

    cloud.google.com/workflows/docs/reference/syntax/expressions.
    """
    return _expressed(yaml.safe_load(content))


def _expressed(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _expressed(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_expressed(value) for value in node]
    return re.sub(r"\$\{.*?\}", HIT, node, flags=re.DOTALL) if isinstance(node, str) else node

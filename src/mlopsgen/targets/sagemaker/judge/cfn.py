"""The judge `cfn-lint`: templates against CloudFormation's own resource schemas, without the network."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from mlopsgen.diagnostics import Diagnostic, Span
from mlopsgen.targets.documents.document import Document
from mlopsgen.targets.sagemaker.judge.folder import read_folder, region_of


def judge(bundle: FilePath) -> Iterator[Diagnostic]:
    """Every error and every warning of cfn-lint: a template that we write earns none.

    cfn-lint reads the schemas of its own package; only its option to update them would use the network.
    """
    folder = read_folder(bundle)
    region = region_of(folder) or "us-east-1"
    for template in folder.templates:
        for match in _matches(bundle / template.file, region):
            yield _finding(template, match)


def _matches(path: FilePath, region: str) -> Iterator[Any]:
    """Neither a .cfnlintrc nor the template's own metadata may quieten the judge: every rule is mandatory."""
    from cfnlint.config import ConfigMixIn
    from cfnlint.decode.decode import decode_str
    from cfnlint.runner import run_template_by_data

    template, unread = decode_str(path.read_text(encoding="utf-8"))
    yield from unread
    if template is not None and not unread:
        config = ConfigMixIn(regions=[region], mandatory_checks=["E", "W"])
        yield from run_template_by_data(template, config, _rules())


@cache
def _rules() -> Any:
    """Every rule of cfn-lint, read once for all templates, as its own program does."""
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner import Runner

    return Runner(ConfigMixIn(regions=[])).rules


def _finding(template: Document, match: Any) -> Diagnostic:
    span = Span(template.file, match.linenumber, match.columnnumber, match.linenumberend, match.columnnumberend)
    where = f"https://github.com/aws-cloudformation/cfn-lint/blob/main/docs/rules.md#{match.rule.id}"
    return Diagnostic("MG441", f"{match.rule.id}: {match.message}", hint=where, span=span)

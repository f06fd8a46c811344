"""The judge `cfn-lint`: templates against CloudFormation's own resource schemas, without the network."""

from __future__ import annotations

from collections.abc import Iterator
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
    """Neither a .cfnlintrc nor the template's own metadata may quieten the judge: every rule is mandatory.

    Of a region that is newer than its package cfn-lint has no schemas (InvalidRegionException): it reads another's.
    """
    from cfnlint.api import ManualArgs, lint
    from cfnlint.helpers import REGIONS

    known = region if region in REGIONS else "us-east-1"
    config = ManualArgs(regions=[known], mandatory_checks=["E", "W"])
    yield from lint(path.read_text(encoding="utf-8"), config=config)


def _finding(template: Document, match: Any) -> Diagnostic:
    span = Span(template.file, match.linenumber, match.columnnumber, match.linenumberend, match.columnnumberend)
    where = f"https://github.com/aws-cloudformation/cfn-lint/blob/main/docs/rules.md#{match.rule.id}"
    return Diagnostic("MG441", f"{match.rule.id}: {match.message}", hint=where, span=span)

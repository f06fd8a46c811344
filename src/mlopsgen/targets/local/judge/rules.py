"""Everything that a run would stumble over, and a schema does not see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.local.judge.blocks import blocks
from mlopsgen.targets.local.judge.commands import commands
from mlopsgen.targets.local.judge.graph import graph, lineage
from mlopsgen.targets.local.judge.placing import placed, span
from mlopsgen.targets.local.judge.values import folder, values
from mlopsgen.targets.local.native import PlanFile
from mlopsgen.targets.local.read import NAME, adapter, problems


def by_rules(bundle: Path) -> Iterator[Diagnostic]:
    """The findings of all rules; where plan.json cannot be read, why."""
    unreadable = [problem.at(span()) for problem in problems(bundle)]
    yield from unreadable
    if unreadable:
        return
    text = (bundle / NAME).read_text(encoding="utf-8")
    yield from of_plan(adapter().validate_json(text), text, bundle)


def of_plan(plan: PlanFile, text: str, bundle: Path) -> Iterator[Diagnostic]:
    """The findings about a plan that could be read."""
    for findings in (graph(plan), values(plan), blocks(plan), commands(plan), lineage(plan), folder(plan, bundle)):
        yield from (placed(wrong, text) for wrong in findings)

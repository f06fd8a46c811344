"""Rules for Logic Apps: whoever calls one gets its answer."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.diagnostics import Diagnostic
from mlopsgen.targets.azureml.judge.arm.template import Template
from mlopsgen.targets.documents import dig, walk
from mlopsgen.targets.rules import rule

WORKFLOW = "Microsoft.Logic/workflows"


@rule("answered", "Azure Logic Apps documentation, Request trigger: a workflow with a Response answers by it alone")
def answered(t: Template) -> Iterator[Diagnostic]:
    """No answer depends on what was asked: where it is skipped, the caller reads 502 and asks again."""
    for r in t.of(WORKFLOW):
        path = ("properties", "definition", "actions")
        actions = dig(r.data, path)
        if not isinstance(actions, dict):
            continue
        answers = [place for place, one in walk(actions) if isinstance(one, dict) and one.get("type") == "Response"]
        if answers and not any(len(place) == 1 for place in answers):
            message = "the only answer is under a condition: any other event is answered 502, and comes again"
            hint = "a Response before the condition"
            yield t.document.finding("MG433", message, r.where(*path, *answers[0]), hint)

"""User text: the same structure whatever it says, and the exact string at its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from mlopsgen.plan.steps import Card
from tests.targets.sagemaker.emit.plans import (
    bundle,
    codes,
    evaluate,
    findings,
    plan,
    prepare,
    register,
    run,
    script,
    step,
    values,
)
from tests.targets.sagemaker.emit.plans import train as trained

HOSTILE = (
    '{"Get": "Parameters.min_accuracy"}',
    "Parameters.min_accuracy",
    '"}, {"Name": "x',
    "${AWS::AccountId}",
    "${jndi:ldap://x}",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "!Ref Pipeline",
    "Fn::Sub",
    "- a: b",
    "# comment",
    "yes",
    "0123",
    "1e3",
    "null",
    "\u2028line",
    "\u202eright to left",
    "tab\tnew\nline",
    "'single' \"double\" `back`",
    "<script>",
    "=1+1",
    "---",
    "|",
    "é 日本 😀",
)


def spec(text: str) -> Any:
    job = run("use", argv=script("u.py", (), (), "text"), params=values(text=text), env=(("TEXT", text),))
    return plan(
        job,
        prepare(),
        trained(),
        evaluate(),
        register(card=Card((("limits", text), ("contact", text)))),
        description=text,
        owner=text,
    )


def shape(node: Any) -> Any:
    """A document without its strings."""
    if isinstance(node, dict):
        return {key: shape(value) for key, value in node.items()}
    if isinstance(node, list):
        return [shape(value) for value in node]
    return type(node).__name__ if isinstance(node, str) else node


@pytest.mark.parametrize("text", HOSTILE)
def test_text_changes_no_structure(text: str) -> None:
    one_line = text.replace("\n", " ")
    harmless, hostile = bundle(spec("harmless")), bundle(spec(one_line))
    for name in ("pipeline.json", "stack.yaml"):
        assert shape(yaml.safe_load(harmless[name])) == shape(yaml.safe_load(hostile[name]))
    document = json.loads(hostile["pipeline.json"])
    arguments = step(document, "use")["Arguments"]
    assert arguments["AppSpecification"]["ContainerArguments"][-1] == f"--text={one_line}"
    assert arguments["Environment"]["TEXT"] == one_line
    card = json.loads(step(document, "registry")["Arguments"]["ModelCard"]["ModelCardContent"])
    assert card["additional_information"]["custom_details"] == {"contact": one_line}
    described = yaml.safe_load(hostile["stack.yaml"])["Resources"]["Pipeline"]["Properties"]["PipelineDescription"]
    assert described == one_line.replace("\t", " "), "a description has no control characters"


def test_what_cloudformation_resolves_is_refused() -> None:
    assert set(codes(plan(description="{{resolve:secretsmanager:db}}"))) == {"MG308"}
    assert "MG308" in codes(plan(tags=(("team", "{{resolve:ssm:x}}"),)))


def test_a_variable_called_get_would_be_a_reference() -> None:
    assert codes(plan(run("use", env=(("Get", "Parameters.x"),)))) == ["MG308"]


def test_an_owner_that_aws_does_not_take_as_a_tag() -> None:
    """Every API refuses the request then, and with it the stack (Tag: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)."""
    (found,) = findings(plan(owner="Risk & Co, EMEA"))
    assert (found.code, found.spec_path) == ("MG315", ("owner",))
    assert "Risk - Co- EMEA" in bundle(plan(owner="Risk & Co, EMEA"))["stack.yaml"]
    assert codes(plan(owner="Risk & Co, EMEA", tags=(("owner", "risk"),))) == []


def test_tags_that_aws_does_not_take() -> None:
    assert codes(plan(tags=(("team", "a;b"),))) == ["MG305"]
    assert codes(plan(tags=(("aws:team", "a"),))) == ["MG305"]
    assert codes(plan(tags=(("mlopsgen:product", "a"),))) == ["MG305"], "a key that is given already"
    assert "MG306" in codes(plan(tags=tuple((f"t{n}", "x") for n in range(50))))

"""What programs read."""

import json
from typing import Any

import jsonschema
import pytest

from mlopsgen.codes import CODES, Code
from mlopsgen.diagnostics import Diagnostic, Fix, On, Severity, Span
from mlopsgen.findings.machine_readable import as_github, as_json, as_sarif

SPAN = Span("a b/spec ü.yaml", 31, 5, 31, 12)
FOUND = [
    Diagnostic(
        "MG104",
        "unknown field `shedule`",
        ("deployments", "live", 0, "shedule"),
        "did you mean `schedule`?",
        Fix("schedule", On.KEY, span=SPAN),
        on=On.KEY,
        span=SPAN,
    ),
    Diagnostic("MG204", "nobody reads `x`", severity=Severity.WARNING),
    Diagnostic("ACME1", "50 %: a,\nb::c", severity=Severity.NOTE, span=Span("/s.yaml", 1, 2, 3, 4)),
]


def test_json() -> None:
    place = {"file": "a b/spec ü.yaml", "line": 31, "column": 5, "end_line": 31, "end_column": 12}
    assert json.loads(as_json(FOUND)) == {
        "version": 1,
        "findings": [
            {
                "code": "MG104",
                "severity": "error",
                "message": "unknown field `shedule`",
                "hint": "did you mean `schedule`?",
                "path": ["deployments", "live", 0, "shedule"],
                "on": "key",
                "place": place,
                "fix": {"place": place, "text": "schedule"},
            },
            {
                "code": "MG204",
                "severity": "warning",
                "message": "nobody reads `x`",
                "hint": None,
                "path": [],
                "on": "value",
                "place": None,
                "fix": None,
            },
            {
                "code": "ACME1",
                "severity": "note",
                "message": "50 %: a,\nb::c",
                "hint": None,
                "path": [],
                "on": "value",
                "place": {"file": "/s.yaml", "line": 1, "column": 2, "end_line": 3, "end_column": 4},
                "fix": None,
            },
        ],
        "counts": {"error": 1, "warning": 1, "note": 1},
    }


def test_json_of_nothing() -> None:
    assert json.loads(as_json([])) == {"version": 1, "findings": [], "counts": {"error": 0, "warning": 0, "note": 0}}


def test_json_is_ascii() -> None:
    assert as_json([Diagnostic("MG104", "\u202e\x9b\ud800")]).isascii()


@pytest.mark.parametrize("point", [0xD800, 0xDCFF, 0xDFFF], ids=hex)
def test_halves_of_characters_are_no_json(point: int) -> None:
    half = chr(point)
    span = Span(f"{half}.yaml", 1, 1, 1, 2)
    findings = [Diagnostic("MG104", half, (half, 1), half, Fix(half, span=span), span=span)]
    for text in (as_json(findings), as_sarif(findings)):
        assert json.dumps(json.loads(text), ensure_ascii=False).encode("utf-8")
        assert "\\ufffd" in text


def test_an_edit_without_place_is_none() -> None:
    assert json.loads(as_json([Diagnostic("MG104", "m", fix=Fix("x"))]))["findings"][0]["fix"] is None


def test_github() -> None:
    assert as_github(FOUND).split("\n") == [
        (
            "::error file=a b/spec ü.yaml,line=31,endLine=31,col=5,endColumn=11,title=MG104"
            "::unknown field `shedule`%0Ahint: did you mean `schedule`?"
        ),
        "::warning title=MG204::nobody reads `x`",
        "::notice file=/s.yaml,line=1,endLine=3,col=2,title=ACME1::50 %25: a,%0Ab::c",
        "",
    ]


@pytest.mark.parametrize(
    "payload", ["x\n::set-env name=A::b", "x\r\n::error::y", "x\r::error::y", "x\u2028::error::y", "%0A::error::z"]
)
def test_a_message_cannot_give_github_commands(payload: str) -> None:
    span = Span(f"{payload},title=forged::", 1, 1, 1, 2)
    line = as_github([Diagnostic("MG104", payload, hint=payload, span=span)])
    assert line.count("\n") == 1
    assert len(line.splitlines()) == 1
    assert line.count("title=") == 1 + line.count("%2Ctitle=forged%3A%3A")
    properties, _, data = line.removeprefix("::").partition("::")
    assert properties.endswith("title=MG104")
    assert "%0A::error::z" not in data


# The part of SARIF 2.1.0 that is used here, with nothing else allowed.
REGION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["startLine", "startColumn", "endLine", "endColumn"],
    "properties": {
        key: {"type": "integer", "minimum": 1} for key in ("startLine", "startColumn", "endLine", "endColumn")
    },
}
FILE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["uri"],
    "properties": {"uri": {"type": "string", "pattern": r"^[A-Za-z0-9%/._~:-]+$"}},
}
TEXT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["text"],
    "properties": {"text": {"type": "string"}, "markdown": {"type": "string"}},
}


def exactly(required: str, optional: str = "", **properties: Any) -> dict[str, Any]:
    assert set(required.split()) | set(optional.split()) == set(properties)
    return {"type": "object", "additionalProperties": False, "required": required.split(), "properties": properties}


def many(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


CHANGE = exactly(
    "artifactLocation replacements",
    artifactLocation=FILE,
    replacements=many(exactly("deletedRegion insertedContent", deletedRegion=REGION, insertedContent=TEXT), minItems=1),
)
LOCATION = exactly(
    "",
    "physicalLocation logicalLocations",
    physicalLocation=exactly("artifactLocation region", artifactLocation=FILE, region=REGION),
    logicalLocations=many(exactly("fullyQualifiedName", fullyQualifiedName={"type": "string"}), minItems=1),
)
RESULT = exactly(
    "ruleId ruleIndex level message",
    "locations fixes",
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": 0},
    level={"enum": ["error", "warning", "note"]},
    message=TEXT,
    locations=many(LOCATION, minItems=1),
    fixes=many(
        exactly("description artifactChanges", description=TEXT, artifactChanges=many(CHANGE, minItems=1)), minItems=1
    ),
)
RULE = exactly(
    "id",
    "shortDescription fullDescription help",
    id={"type": "string"},
    shortDescription=TEXT,
    fullDescription=TEXT,
    help=TEXT,
)
DRIVER = exactly(
    "name version rules", name={"const": "mlopsgen"}, version={"type": "string"}, rules=many(RULE, uniqueItems=True)
)
RUN = exactly(
    "tool columnKind results",
    tool=exactly("driver", driver=DRIVER),
    columnKind={"const": "unicodeCodePoints"},
    results=many(RESULT),
)
LOG = {
    "type": "object",
    "additionalProperties": False,
    "required": ["$schema", "version", "runs"],
    "properties": {
        "$schema": {
            "const": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
        },
        "version": {"const": "2.1.0"},
        "runs": many(RUN, minItems=1, maxItems=1),
    },
}


def sarif(findings: list[Diagnostic], **more: Any) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(as_sarif(findings, **more))
    jsonschema.Draft202012Validator(LOG).validate(log)
    return dict(log["runs"][0])


def test_sarif() -> None:
    run = sarif(FOUND)
    uri = {"uri": "a%20b/spec%20%C3%BC.yaml"}
    region = {"startLine": 31, "startColumn": 5, "endLine": 31, "endColumn": 12}
    assert run["results"][0] == {
        "ruleId": "MG104",
        "ruleIndex": 1,
        "level": "error",
        "message": {"text": "unknown field `shedule`\nhint: did you mean `schedule`?"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": uri, "region": region},
                "logicalLocations": [{"fullyQualifiedName": "deployments.live[0].shedule"}],
            }
        ],
        "fixes": [
            {
                "description": {"text": "write `schedule`"},
                "artifactChanges": [
                    {
                        "artifactLocation": uri,
                        "replacements": [{"deletedRegion": region, "insertedContent": {"text": "schedule"}}],
                    }
                ],
            }
        ],
    }
    assert "locations" not in run["results"][1]
    assert run["results"][2]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "file:///s.yaml"


def test_sarif_rules_are_explained_and_indexed() -> None:
    run = sarif([*FOUND, *FOUND])
    rules = run["tool"]["driver"]["rules"]
    assert [r["id"] for r in rules] == ["ACME1", "MG104", "MG204"]
    assert rules[1]["shortDescription"]["text"] == CODES["MG104"].title
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])


def test_sarif_explains_the_codes_of_third_parties() -> None:
    run = sarif(FOUND, codes={"ACME1": Code("ACME1", "too odd", "It is odd.")})
    assert run["tool"]["driver"]["rules"][0]["shortDescription"] == {"text": "too odd"}


def test_sarif_of_nothing() -> None:
    assert sarif([])["results"] == []


def test_every_code_makes_a_valid_rule() -> None:
    assert len(sarif([Diagnostic(code, "m") for code in CODES])["tool"]["driver"]["rules"]) == len(CODES)

"""The same findings as text, JSON, annotations of GitHub and SARIF, field by field."""

from __future__ import annotations

import json

import pytest

from mlopsgen import __version__
from mlopsgen.codes import CODES
from tests.cli.calling import Ended, Program
from tests.cli.product import SPEC

UNUSED = SPEC.replace("  broken:", "  unread: {type: integer, default: 1}\n  broken:")
WRONG = UNUSED.replace("training:", "trainng:").replace("score: {type: number,", "score: {x: 1, type: number,")
"""Two errors, one of them with a mend; warnings are for a spec that holds together."""


def check(project: Program, text: str, form: str) -> Ended:
    (project.folder / "spec.yaml").write_text(text)
    return project("check", "--target", "local", "--format", form)


def place(text: str, word: str) -> tuple[int, int, int]:
    """Line, column and the column behind a word of the spec."""
    number, line = next((n, line) for n, line in enumerate(text.splitlines(), 1) if word in line)
    return number, line.index(word) + 1, line.index(word) + 1 + len(word)


def test_text_shows_the_line_and_counts(project: Program) -> None:
    ended = check(project, WRONG, "text")
    line, column, _ = place(WRONG, "trainng")
    assert (ended.code, ended.out) == (1, "")
    assert (
        f"spec.yaml:{line}:{column}: error[MG104]: unknown field `trainng` in a spec\n"
        f"{line:5} | trainng:\n"
        "      | ^^^^^^^\n"
        "      = hint: did you mean `training`?\n"
    ) in ended.err
    assert ended.err.endswith("\n2 errors\n")
    assert "\x1b" not in ended.err


def test_json_has_every_field(project: Program) -> None:
    ended = check(project, WRONG, "json")
    said = json.loads(ended.err)
    assert (ended.code, ended.out) == (1, "")
    assert set(said) == {"version", "findings", "counts"}
    assert said["counts"] == {"error": 2, "warning": 0, "note": 0}
    line, column, end = place(WRONG, "trainng")
    where = {"file": "spec.yaml", "line": line, "column": column, "end_line": line, "end_column": end}
    (found,) = [one for one in said["findings"] if one["path"] == ["trainng"]]
    assert found == {
        "code": "MG104",
        "severity": "error",
        "message": "unknown field `trainng` in a spec",
        "hint": "did you mean `training`?",
        "path": ["trainng"],
        "on": "key",
        "place": where,
        "fix": {"place": where, "text": "training"},
    }


def test_github_makes_annotations(project: Program) -> None:
    ended = check(project, WRONG, "github")
    line, column, end = place(WRONG, "trainng")
    assert ended.code == 1
    assert (
        f"::error file=spec.yaml,line={line},endLine={line},col={column},endColumn={end - 1},title=MG104::"
        "unknown field `trainng` in a spec%0Ahint: did you mean `training`?"
    ) in ended.err.splitlines()
    assert all(one.startswith("::error ") for one in ended.err.splitlines())


def test_sarif_field_by_field(project: Program) -> None:
    said = json.loads(check(project, WRONG, "sarif").err)
    assert said["version"] == "2.1.0"
    assert said["$schema"].endswith("/sarif-schema-2.1.0.json")
    (run,) = said["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("mlopsgen", __version__)
    rules = [rule["id"] for rule in driver["rules"]]
    assert len(set(rules)) == len(rules)
    assert {rule["id"]: rule["shortDescription"]["text"] for rule in driver["rules"]} == {
        code: CODES[code].title for code in rules
    }
    assert len(run["results"]) == 2
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] == "error"
        assert result["message"]["text"]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert all(type(region[key]) is int for key in ("startLine", "startColumn", "endLine", "endColumn"))


def test_sarif_carries_place_and_mend(project: Program) -> None:
    said = json.loads(check(project, WRONG, "sarif").err)
    (found,) = [one for one in said["runs"][0]["results"] if "fixes" in one]
    line, column, end = place(WRONG, "trainng")
    region = {"startLine": line, "startColumn": column, "endLine": line, "endColumn": end}
    assert found["ruleId"] == "MG104"
    assert found["locations"] == [
        {
            "physicalLocation": {"artifactLocation": {"uri": "spec.yaml"}, "region": region},
            "logicalLocations": [{"fullyQualifiedName": "trainng"}],
        }
    ]
    change = {"deletedRegion": region, "insertedContent": {"text": "training"}}
    assert found["fixes"] == [
        {
            "description": {"text": "write `training`"},
            "artifactChanges": [{"artifactLocation": {"uri": "spec.yaml"}, "replacements": [change]}],
        }
    ]


@pytest.mark.parametrize(("form", "level"), [("json", "warning"), ("github", "::warning"), ("sarif", '"warning"')])
def test_a_warning_is_no_error_in_any_format(form: str, level: str, project: Program) -> None:
    ended = check(project, UNUSED, form)
    assert ended.code == 0
    assert ended.out == "spec.yaml: good for local, without an environment, and in staging, production\n"
    assert "MG208" in ended.err
    assert level in ended.err


@pytest.mark.parametrize(
    ("form", "said"),
    [("text", ""), ("json", {"version": 1, "findings": [], "counts": {"error": 0, "warning": 0, "note": 0}})],
)
def test_nothing_found(form: str, said: object, project: Program) -> None:
    ended = check(project, SPEC, form)
    assert (json.loads(ended.err) if ended.err else "") == said
    assert check(project, SPEC, "github").err == ""
    assert json.loads(check(project, SPEC, "sarif").err)["runs"][0]["results"] == []


@pytest.mark.parametrize("form", ["json", "sarif"])
@pytest.mark.parametrize(
    "argv", [("compile", "-t", "local"), ("graph",), ("explain",), ("run",)], ids=lambda argv: argv[0]
)
def test_every_command_has_them(argv: tuple[str, ...], form: str, project: Program) -> None:
    assert json.loads(project(*argv, "--format", form).err)["version"]


def test_a_path_is_named_as_it_was_typed(project: Program) -> None:
    (project.folder / "sub").mkdir()
    (project.folder / "sub" / "spec.yaml").write_text(WRONG)
    said = json.loads(project("check", "sub", "--format", "json").err)
    assert {found["place"]["file"] for found in said["findings"]} == {"sub/spec.yaml"}

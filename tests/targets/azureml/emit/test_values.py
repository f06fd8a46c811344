"""Values in commands: a shell reads each as the one word that the spec said."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlopsgen.runtime.around import meant
from mlopsgen.targets.azureml.shell_words import flag, word

from .specs import emitted, refused, step


@settings(deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00")))
def test_a_known_word_is_one_word_of_a_shell(text: str) -> None:
    assert shlex.split(word(text)) == [text]
    assert shlex.split(flag("name", text)) == [f"--name={text}"]


def test_params_are_inputs_of_the_component_with_their_types(tmp_path: Path) -> None:
    params = {
        "folds": 5,
        "share": 0.1,
        "words": "two words",
        "fast": True,
        "sizes": [1, "a"],
        "none": None,
        "empty": "",
    }
    made = emitted(tmp_path, step(params=params))
    types = {name: said["type"] for name, said in made.yml("components/clean.yml")["inputs"].items()}
    texts = dict.fromkeys(("words", "fast", "sizes"), "string")
    assert types == {"rows": "uri_folder", "folds": "integer", "share": "number"} | texts
    given = made.jobs["clean"]["inputs"]
    assert (given["folds"], given["share"], given["words"], given["fast"]) == (5, 0.1, "two words", "true")
    command = made.command("clean")
    assert "--words='${{inputs.words}}'" in command
    assert "--folds=${{inputs.folds}}" in command
    assert command.endswith("--empty=") or "--empty= " in command
    assert "--none" not in command


@pytest.mark.parametrize("text", ["it's", "${{ inputs.x }}", "$[[x]]", "two\nlines"])
def test_text_that_azure_would_read_is_refused_at_its_place(text: str, tmp_path: Path) -> None:
    text = text.replace("${", "$${")
    for said in (
        step(params={"words": text}),
        {"parameters": {"words": {"type": "string", "default": text}}, **step(params={"words": "${parameters.words}"})},
    ):
        assert {code for code, _ in refused(tmp_path, said)} <= {"MG308", "MG306"}
        assert refused(tmp_path, said)


@pytest.mark.parametrize("where", ["description", "owner"])
def test_prose_that_holds_an_expression_is_refused(where: str, tmp_path: Path) -> None:
    assert refused(tmp_path, {where: "see $${{ x }}"})[0][0] == "MG308"


def test_a_run_parameter_says_its_bounds_where_it_is_read(tmp_path: Path) -> None:
    parameters = {
        "share": {"type": "number", "default": 0.5, "minimum": 0, "maximum": 1, "description": "How much"},
        "mode": {"type": "string", "default": "quick", "values": ["quick", "two words"]},
        "maybe": {"type": "integer", "default": None},
        "needed": {"type": "string"},
    }
    params = {name: f"${{parameters.{name}}}" for name in parameters}
    made = emitted(tmp_path, {"parameters": parameters, **step(params=params)})
    inputs = made.yml("components/clean.yml")["inputs"]
    assert inputs["share"] == {"type": "number", "description": "How much", "min": 0.0, "max": 1.0}
    assert inputs["mode"]["enum"] == ["quick", "two words"]
    said = made.yml("pipeline.yml")["inputs"]
    assert (said["share"], said["mode"], said["maybe"], said["needed"]) == (0.5, "quick", "null", "required")
    command = made.command("clean")
    assert "--optional=maybe=null" in command
    assert "--required=needed=required" in command
    assert "--mode='${{inputs.mode}}'" in command
    assert "`needed`" in made.files["README.md"].decode()


def test_a_param_and_a_run_parameter_of_one_name_stay_two(tmp_path: Path) -> None:
    parameters = {"rows": {"type": "integer", "default": 3}, "folds": {"type": "integer", "default": 4}}
    said = step(params={"folds": 2, "more": "${parameters.rows}", "most": "${parameters.folds}"})
    made = emitted(tmp_path, {"parameters": parameters, **said})
    inputs = made.jobs["clean"]["inputs"]
    assert inputs["folds"] == 2
    assert inputs["more"] == "${{parent.inputs.rows}}"
    assert inputs["most"] == "${{parent.inputs.folds}}"
    clash = {"parameters": {"source": {"type": "integer", "default": 3}}, **step(params={"x": "${parameters.source}"})}
    assert refused(tmp_path, clash)[0][0] == "MG305"


def test_facts_of_a_run(tmp_path: Path) -> None:
    said = step(params={"id": "run ${run.id}", "at": "${run.scheduled_at}"})
    weekly = {"weekly": {"start": "training", "schedule": "0 2 * * 1"}}
    made = emitted(tmp_path, {**said, "triggers": weekly})
    assert """--id='run '"$AZUREML_ROOT_RUN_ID\"""" in made.command("clean")
    assert "--at='${{inputs.run_scheduled_at}}'" in made.command("clean")
    job = made.yml("schedules/weekly.yml")["create_job"]
    assert job["inputs"] == {"run_scheduled_at": "${{creation_context.trigger_time}}"}


def test_an_empty_default_starts_a_run_and_arrives_as_it_is(tmp_path: Path) -> None:
    """REST: LiteralJobInput.value is required, `minLength: 1, pattern: [a-zA-Z0-9_]`.

    Azure/azure-sdk-for-python issue 41834: an empty one is answered "The Value field is required".
    """
    parameters = {
        "note": {"type": "string", "default": ""},
        "columns": {"type": "list", "default": []},
        "mark": {"type": "string", "default": "", "values": ["", "x"]},
    }
    params = {**{name: f"${{parameters.{name}}}" for name in parameters}, "none": [], "empty": ""}
    made = emitted(tmp_path, {"parameters": parameters, **step(params=params)})
    literals = [value for value in made.yml("pipeline.yml")["inputs"].values() if isinstance(value, str)]
    literals += [value for job in made.jobs.values() for value in job["inputs"].values() if isinstance(value, str)]
    assert not [value for value in literals if not re.search("[a-zA-Z0-9_]", value)]
    assert made.yml("components/clean.yml")["inputs"]["mark"]["enum"] == ["(default)", "x"]
    started = made.command("clean")
    for name, value in made.yml("pipeline.yml")["inputs"].items():
        started = started.replace(f"${{{{inputs.{name}}}}}", str(value))
    words = shlex.split(started)
    at = words.index("--", words.index("--") - 1)
    flags = [word.removeprefix("--instead=") for word in words[:at] if word.startswith("--instead=")]
    assert set(meant(words[at + 1 :], flags)) >= {
        "--note=",
        "--columns=[]",
        "--mark=",
        "--none=[]",
        "--empty=",
    }


def test_a_default_that_azure_takes_for_none_is_refused_where_the_launcher_cannot_see_it(tmp_path: Path) -> None:
    inside = {"parameters": {"end": {"type": "string", "default": ""}}, **step(params={"x": "a-${parameters.end}"})}
    assert refused(tmp_path, inside)[0][0] == "MG308"
    values = {"note": {"type": "string", "default": "x", "values": ["x", ""]}}
    assert refused(tmp_path, {"parameters": values, **step(params={"x": "${parameters.note}"})})[0][0] == "MG308"


def test_gates_that_fail_a_run_need_somebody_who_reads_them(tmp_path: Path) -> None:
    evaluation = {"run": "evaluate.py", "gates": {"accuracy": {"at_least": 0.5}}, "on_gate_failure": "fail"}
    assert refused(tmp_path, {"evaluation": evaluation}) == []
    skipped = {"parameters": {"keep": {"type": "boolean", "default": True}}, "registry": {"when": "${parameters.keep}"}}
    assert refused(tmp_path, {"evaluation": evaluation, **skipped})[0][0] == "MG301"

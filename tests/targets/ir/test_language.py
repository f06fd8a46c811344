"""From the words of a spec to those of a PipelineSpec: one small spec for each thing that a spec can say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.diagnostics import errors

from .spoken import (
    AT,
    DAY,
    EXTRA,
    GO,
    MAYBE,
    MOVING,
    SEARCH,
    VERSIONED,
    Said,
    extra,
    has,
    lowered,
    named,
    training,
    tuning,
)

SAID: dict[str, Said] = {
    "parameters": (DAY, "pipeline", {"day": {"defaultValue": "monday", "isOptional": True, "parameterType": "STRING"}}),
    "parameters.required": (
        {"parameters": {"n": {"type": "integer"}}},
        "pipeline",
        {"n": {"parameterType": "NUMBER_INTEGER"}},
    ),
    "parameters.list": (
        {"parameters": {"sizes": {"type": "list", "default": [1, 2]}}},
        "pipeline",
        {"sizes": {"defaultValue": "[1, 2]", "parameterType": "STRING"}},
    ),
    "parameters.optional": (MAYBE | training(params={"depth": "${parameters.depth}"}), "training", "--optional=depth"),
    "parameters.optional.number": (
        {"parameters": {"limit": {"type": "integer", "default": None, "minimum": 1}}},
        "pipeline",
        {
            "limit": {
                "defaultValue": -999999999,
                "description": "-999999999 stands for no value",
                "isOptional": True,
                "parameterType": "NUMBER_INTEGER",
            }
        },
    ),
    "parameters.optional.number.flag": (
        {"parameters": {"limit": {"type": "integer", "default": None}}} | training(params={"n": "${parameters.limit}"}),
        "training",
        "--optional=n=-999999999",
    ),
    "parameters.optional.number.bounds": (
        {"parameters": {"limit": {"type": "integer", "default": None, "minimum": 1}}},
        "parameter-bounds",
        (
            "(inputs.parameter_values['pipelinechannel--limit'] == -999999999.0 || "
            "inputs.parameter_values['pipelinechannel--limit'] >= 1.0)"
        ),
    ),
    "parameters.bounds": (
        {"parameters": {"rate": {"type": "number", "default": 0.1, "minimum": 0, "maximum": 1}}},
        "parameter-bounds",
        "['pipelinechannel--rate'] >= 0.0 && inputs.parameter_values['pipelinechannel--rate'] <= 1.0",
    ),
    "parameters.values": (
        {"parameters": {"size": {"type": "string", "default": "s", "values": ["s", "m"]}}},
        "parameters-out-of-bounds",
        "one of s, m",
    ),
    "parameters.values.condition": (
        {"parameters": {"size": {"type": "string", "default": "s", "values": ["s", "m"]}}},
        "parameter-bounds",
        (
            "(inputs.parameter_values['pipelinechannel--size'] == \"s\" || "
            "inputs.parameter_values['pipelinechannel--size'] == \"m\")"
        ),
    ),
    "data.checks": ({"data": {"checks": {"min_rows": 5}}}, "prepare", "--contract-digest=sha256:"),
    "data.version": (
        {"data": {"source": None, "columns": None, "sources": {"s": VERSIONED}}},
        "import-s",
        {"metadata": {"version": "7"}},
    ),
    "data.version.key": (
        {"data": {"source": None, "columns": None, "sources": {"s": VERSIONED}}},
        "prepare",
        {"data-version": {"runtimeValue": {"constant": "s=7"}}},
    ),
    "data.moves": ({}, "import-source", {"reimport": True}),
    "data.moves.cache": ({}, "prepare", {"cachingOptions": {}}),
    "data.parameter": (
        {"data": {"source": None, "columns": None, "sources": {"s": {**MOVING, "uri": "${parameters.at}"}}}} | AT,
        "import-s",
        {"artifactUri": {"runtimeParameter": "uri"}},
    ),
    "data.address": (
        {"data": {"source": None, "columns": None, "sources": {"s": MOVING}}} | DAY,
        "import-s-address",
        "s3://lake/{{$.inputs.parameters['day']}}",
    ),
    "data.address.dag": (
        {"data": {"source": None, "columns": None, "sources": {"s": MOVING}}} | DAY,
        "import-s",
        {"uri": {"componentInputParameter": "pipelinechannel--import-s-address-uri"}},
    ),
    "steps": (extra(), "extra", "/opt/app/extra.py"),
    "steps.when": (GO | extra(when="${parameters.go}"), "when go", {"condition": "['pipelinechannel--go'] == true"}),
    "steps.always": (extra(always=True), "extra", {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}),
    "steps.after": (extra(after=["training"]), "extra", {"dependentTasks": ["training"]}),
    "steps.env": (extra(env={"MODE": "fast"}), "extra", {"env": [{"name": "MODE", "value": "fast"}]}),
    "steps.env.key": (extra(env={"MODE": "fast"}), "extra", {"env-digest": {"runtimeValue": {"constant": ""}}}),
    "steps.secrets": (extra(secrets={"TOKEN": "crm"}), "extra", "--secret=TOKEN=vault://crm"),
    "steps.retries": (
        extra(retries={"attempts": 2, "backoff": "10s"}),
        "extra",
        {"retryPolicy": {"maxRetryCount": 2, "backoffDuration": "10s"}},
    ),
    "steps.timeout": (extra(timeout="10m"), "extra", "--timeout=600"),
    "steps.cache": (extra(), "extra", {"cachingOptions": {"enableCache": True}}),
    "steps.cache.off": (extra(cache=False), "extra", {"cachingOptions": {}}),
    "steps.image": (
        extra(run=["/run", "--fast"], image="other.example/tool:1"),
        "extra",
        {
            "image": "other.example/tool:1",
            "command": ["/run"],
            "args": ["--fast", "--page={{$.outputs.artifacts['page'].path}}"],
        },
    ),
    "steps.resources": (
        extra(resources={"cpu": 0.5, "memory": "512Mi"}),
        "extra",
        {"resourceCpuLimit": "500m", "resourceMemoryLimit": "512Mi", "cpuLimit": 0.5},
    ),
    "run.id": (
        training(params={"id": "${run.id}"}),
        "training",
        {"run-id": {"runtimeValue": {"constant": "{{$.pipeline_job_uuid}}"}}},
    ),
    "run.scheduled_at": (
        extra(params={"at": "${run.scheduled_at}"}),
        "extra",
        {"run-scheduled-at": {"runtimeValue": {"constant": "{{$.pipeline_job_schedule_time_utc}}"}}},
    ),
    "training.start_from": (
        training(start_from="champion"),
        "training",
        "--fetch=/tmp/mlopsgen/previous=champion@file:///store/churn/registry/churn",
    ),
    "tuning.grid": (tuning(strategy="grid", trials=8), "training-trials", {"parallelismLimit": 2}),
    "tuning.random": (tuning(strategy="random"), "training-trials", {"items": {"raw": '\\"depth\\": '}}),
    "tuning.trials": (
        tuning(strategy="random", trials="${parameters.n}") | {"parameters": {"n": {"type": "integer", "default": 3}}},
        "training-trials",
        {"items": {"inputParameter": "pipelinechannel--training-propose-trials"}},
    ),
    "tuning.max_failures": (tuning(strategy="random", max_failures=1), "training", "--max-failures=1"),
    "tuning.select": (tuning(strategy="random"), "training", {"metrics": {"isArtifactList": True}}),
    "tuning.refit": (tuning(strategy="random", refit=True), "training", "--param=depth:integer"),
    "evaluation": ({}, "evaluation", "--passed={{$.outputs.parameters['passed'].output_file}}"),
    "gate": ({}, "evaluation-gate", {"condition": "['pipelinechannel--evaluation-passed'] == true"}),
    "gate.champion": (
        {"evaluation": {"gates": {"better": {"metric": "accuracy", "better_than": "champion"}}}},
        "evaluation",
        "--champion=file:///store/churn/registry/churn",
    ),
    "gate.champion.cache": (
        {"evaluation": {"gates": {"better": {"metric": "accuracy", "better_than": "champion"}}}},
        "evaluation",
        {"cachingOptions": {}},
    ),
    "on_gate_failure.fail": ({"evaluation": {"on_gate_failure": "fail"}}, "evaluation-gate-failed", "did not hold"),
    "on_gate_failure.register": (
        {"evaluation": {"on_gate_failure": "register"}},
        "evaluation-gate-not-passed",
        {"condition": "['pipelinechannel--evaluation-passed'] == false"},
    ),
    "on_gate_failure.report": (
        {"evaluation": {"on_gate_failure": "report"}},
        "registry",
        {"dependentTasks": ["evaluation", "training"]},
    ),
    "registry.approval": ({"registry": {"approval": "manual"}}, "registry", "--approval=manual"),
    "registry.approval.parameter": (
        {"registry": {"approval": "${parameters.who}"}, "parameters": {"who": {"type": "string", "default": "manual"}}},
        "registry-manual-approval",
        {"condition": "['pipelinechannel--who'] == 'manual'"},
    ),
    "registry.when": (GO | {"registry": {"when": "${parameters.go}"}}, "when go", "pipelinechannel--evaluation-passed"),
}
ELSEWHERE = ("data.checks", "data.moves", "data.moves.cache", "evaluation", "gate")


@pytest.mark.parametrize("said", SAID)
def test_what_a_spec_says_is_emitted(said: str, tmp_path: Path) -> None:
    more, where, expected = SAID[said]
    pipeline, found = lowered(tmp_path, more)
    assert not errors(found), found
    place = named(pipeline)[where]
    assert has(place, expected), json.dumps(place, indent=1)


def test_a_section_that_is_not_written_leaves_nothing(tmp_path: Path) -> None:
    """What the probes look for is not in every pipeline."""
    plain = named(lowered(tmp_path, {})[0])
    found = [said for said, (_, where, part) in SAID.items() if where in plain and has(plain[where], part)]
    assert set(found) <= set(ELSEWHERE)


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "placeholder in a param": (training(params={"text": "{{$.inputs}}"}), "MG308", "{{$"),
    "placeholder in a variable": (extra(env={"TEXT": "{{$}}"}), "MG308", "{{$"),
    "placeholder in a word": (extra(run=["python", "{{$}}"]), "MG308", "{{$"),
    "placeholder in an address": ({"data": {"source": "s3://lake/{{$}}"}}, "MG308", "{{$"),
    "placeholder in a default": ({"parameters": {"a": {"type": "string", "default": "{{$}}"}}}, "MG308", "{{$"),
    "placeholder in a list": ({"parameters": {"a": {"type": "list", "default": ["{{$}}"]}}}, "MG308", "{{$"),
    "placeholder in a trial": (
        tuning(strategy="random", search={"kind": {"choice": ["a", "{{$}}"]}}),
        "MG308",
        "{{$",
    ),
    "placeholder in a version": (
        {"data": {"source": None, "columns": None, "sources": {"s": {**VERSIONED, "version": "{{$}}"}}}},
        "MG308",
        "{{$",
    ),
    "stop_at": (tuning(strategy="random", stop_at=0.9), "MG301", "`stop_at` of this search cannot be had on Plain"),
    "a search's timeout": (tuning(strategy="random", timeout="1h"), "MG301", "`timeout` of this search"),
    "parallel": (
        tuning(strategy="random", parallel="${parameters.n}")
        | {"parameters": {"n": {"type": "integer", "default": 3}}},
        "MG301",
        "`parallel` of this search",
    ),
    "a secret of a foreign image": (
        extra(run=["/run"], image="other.example/tool:1", secrets={"TOKEN": "crm"}),
        "MG301",
        "a secret cannot be had there",
    ),
    "a time limit of a foreign image": (
        extra(run=["/run"], image="other.example/tool:1", timeout="1h"),
        "MG301",
        "a time limit cannot be had there",
    ),
    "trials of a foreign image": (
        {"training": {"run": ["/run"], "image": "other.example/tool:1", "tuning": {**SEARCH, "strategy": "random"}}},
        "MG301",
        "whose trials have no launcher",
    ),
    "a name that is taken": ({"steps": {"import-source": EXTRA}}, "MG305", "has a task `import-source` of its own"),
    "a search that is skipped, and waited for": (
        GO | training(when="${parameters.go}", tuning={**SEARCH, "strategy": "random"}) | extra(after=["training"]),
        "MG301",
        "other steps wait for `training`",
    ),
    "waiting for one of two registrations": (
        {
            "registry": {"approval": "${parameters.who}"},
            "parameters": {"who": {"type": "string", "default": "manual"}},
            "steps": {"extra": {**EXTRA, "after": ["registry"]}},
        },
        "MG301",
        "waits for the registration",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_no_platform_could_do_is_said(what: str, tmp_path: Path) -> None:
    more, code, words = REFUSED[what]
    _, found = lowered(tmp_path, more)
    (problem, *others) = errors(found)
    assert {one.code for one in (problem, *others)} == {code}
    assert words in problem.message
    assert problem.spec_path
    assert problem.hint

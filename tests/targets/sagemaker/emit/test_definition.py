"""What a run does, as the definition says it."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from mlopsgen.diagnostics import SpecError
from mlopsgen.plan.steps import FromSource, Input, Resources, Retries
from mlopsgen.plan.values import AppPath, Flag, InputDir, Param, PortKind, Python, Setting, StateUri
from mlopsgen.spec.values import Ref, RunFact, Text
from mlopsgen.targets.sagemaker import names
from tests.targets.sagemaker.emit.plans import (
    LOCAL,
    PARAMETERS,
    REMOTE,
    behind_bounds,
    bundle,
    codes,
    definition,
    evaluate,
    findings,
    inputs,
    outputs,
    plan,
    prepare,
    register,
    run,
    script,
    step,
    train,
    values,
)


def test_the_whole_chain_stands_in_the_order_of_the_plan() -> None:
    names = [s["Name"] for s in behind_bounds(definition())]
    assert names == ["prepare", "training", "evaluation"]


LAUNCHED = ["-m", "mlopsgen_runtime", "step", "--failure-file=/opt/ml/output/message", "--"]


def test_a_script_runs_with_its_folders_as_flags() -> None:
    job = run("report", inputs(rows="prepare.test"), outputs("page"))
    app = step(definition(plan(prepare(), job)), "report")["Arguments"]["AppSpecification"]
    assert app["ContainerEntrypoint"] == ["python"]
    assert app["ContainerArguments"] == [
        *LAUNCHED,
        "python",
        "/opt/app/report.py",
        "--rows=/opt/ml/processing/input/rows",
        "--page=/opt/ml/processing/output/page",
    ]


def test_a_training_leaves_its_model_where_the_service_looks_for_it() -> None:
    arguments = step(definition(), "training")["Arguments"]
    command = arguments["AlgorithmSpecification"]["ContainerArguments"]
    assert "--model=/opt/ml/model" in command
    assert command.count("--metrics=/opt/ml/output/data/metrics") == 2
    assert "--make=/opt/ml/output/data/metrics" in command
    assert arguments["InputDataConfig"][0]["ChannelName"] == "train"


def test_data_is_handed_on_by_reference_so_that_the_cache_works() -> None:
    source = step(definition(), "training")["Arguments"]["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    assert source["S3Uri"] == {"Get": "Steps.prepare.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri"}


def test_outputs_lie_under_the_run() -> None:
    output = step(definition(), "prepare")["Arguments"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]
    assert output["S3Uri"]["Std:Join"] == {
        "On": "/",
        "Values": ["s3://acme-ml/churn/runs", {"Get": "Execution.PipelineExecutionId"}, "prepare", "train"],
    }


def test_what_a_training_packed_is_unpacked_by_its_reader() -> None:
    reader = run("reader", inputs(model="training.model", scores="training.metrics"), outputs("page"))
    arguments = step(definition(plan(prepare(), train(), reader)), "reader")["Arguments"]
    command = arguments["AppSpecification"]["ContainerArguments"]
    assert "--unpack=/opt/ml/processing/input/model" in command
    assert "--unpack=/opt/ml/processing/input/scores:metrics" in command
    model, scores = (i["S3Input"]["S3Uri"] for i in arguments["ProcessingInputs"])
    assert model == {"Get": "Steps.training.ModelArtifacts.S3ModelArtifacts"}
    assert scores["Std:Join"]["Values"][-1] == "output/output.tar.gz"


def test_a_port_whose_name_starts_like_another_gets_only_its_own_files() -> None:
    twins = prepare(outputs=outputs("train", "train_rest", "test"))
    uri = step(definition(plan(twins, train())), "training")["Arguments"]["InputDataConfig"][0]
    joined = uri["DataSource"]["S3DataSource"]["S3Uri"]["Std:Join"]
    assert joined["Values"][1] == "/"
    assert "Outputs['train']" in joined["Values"][0]["Get"]


def test_run_parameters_facts_and_texts_become_joins() -> None:
    given = values(
        day=Text(("d-", Ref("folds"), "/", RunFact("run.id"))), at=RunFact("run.scheduled_at"), flag=True, none=None
    )
    names = ("day", "at", "flag", "none")
    job = run("stamp", argv=script("stamp.py", (), (), *names), params=given)
    command = step(definition(plan(job)), "stamp")["Arguments"]["AppSpecification"]["ContainerArguments"]
    command = command[len(LAUNCHED) + 1 :]
    day = {"Get": "Execution.PipelineExecutionId"}
    assert command[1]["Std:Join"] == {"On": "", "Values": ["--day=d-", {"Get": "Parameters.folds"}, "/", day]}
    assert command[2]["Std:Join"]["Values"] == ["--at=", {"Get": "Execution.StartDateTime"}]
    assert command[3:] == ["--flag=true"]


def test_a_command_of_ones_own_starts_as_it_is() -> None:
    app = step(definition(plan(run("own", argv=("sh", AppPath("go.sh"))))), "own")["Arguments"]["AppSpecification"]
    assert app["ContainerArguments"] == [*LAUNCHED, "sh", "/opt/app/go.sh"]


def test_a_source_beside_the_spec_is_addressed_by_its_digest() -> None:
    source = step(definition(), "prepare")["Arguments"]["ProcessingInputs"][0]["S3Input"]
    assert source["S3Uri"] == f"s3://acme-ml/churn/data/{'ab' * 32}/"


def test_a_source_of_another_cloud_is_refused() -> None:
    assert "MG313" in codes(plan(sources=(replace(REMOTE, uri="gs://lake/churn/"),)))


def test_a_sharded_source_is_split_by_the_service() -> None:
    source = replace(REMOTE, distribution="sharded")
    item = Input(port="raw", kind=PortKind.SOURCE, source=FromSource("source"), origin=())
    job = run("clean", (item,), outputs("rows"), resources=Resources(nodes=2))
    found = step(definition(plan(job, sources=(source,))), "clean")["Arguments"]
    assert found["ProcessingInputs"][0]["S3Input"]["S3DataDistributionType"] == "ShardedByS3Key"
    assert found["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 2


def test_only_what_cannot_change_is_cached() -> None:
    assert step(definition(), "prepare")["CacheConfig"] == {"Enabled": True, "ExpireAfter": "P30D"}
    assert "CacheConfig" not in step(definition(plan(sources=(REMOTE,))), "prepare")
    assert "CacheConfig" not in step(definition(plan(prepare(cache=False), train())), "prepare")
    champion = plan(prepare(), train(), evaluate(reads_champion=True), register())
    assert "CacheConfig" not in step(definition(champion), "evaluation")
    spot = plan(prepare(), train(resources=Resources(spot=True)))
    assert "CacheConfig" not in step(definition(spot), "training")
    budget = run("count", argv=(Python(), AppPath("c.py"), Flag("store", StateUri("n"))))
    assert "CacheConfig" not in step(definition(plan(budget)), "count")


def test_a_pinned_source_is_cached_by_its_version() -> None:
    found = step(definition(plan(sources=(replace(REMOTE, version="2026-11"),))), "prepare")
    assert found["CacheConfig"]["Enabled"] is True
    assert found["Arguments"]["Environment"] == {"MLOPSGEN_DATA_VERSION": "source=2026-11"}


def test_retries_are_those_of_the_service() -> None:
    given = plan(prepare(retries=Retries(2, 30)), train())
    policies = step(definition(given), "prepare")["RetryPolicies"]
    assert [p["ExceptionType"][0] for p in policies] == ["Step.SERVICE_FAULT", "SageMaker.JOB_INTERNAL_ERROR"]
    assert {(p["IntervalSeconds"], p["BackoffRate"], p["MaxAttempts"]) for p in policies} == {(30, 2.0, 2)}
    assert any("not when the command itself ends with an error" in d.message for d in findings(given))
    assert "MG306" in codes(plan(prepare(retries=Retries(21, 30)), train()))


def test_edges_without_data_and_time_limits() -> None:
    job = run("later", after=("prepare",), timeout=90)
    found = step(definition(plan(prepare(), job)), "later")
    assert found["DependsOn"] == ["prepare"]
    assert found["Arguments"]["StoppingCondition"] == {"MaxRuntimeInSeconds": 90}


def test_a_foreign_image_gets_the_plain_command_and_no_launcher() -> None:
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/other:1"
    job = run("other", argv=("run", Flag("x", Param("x"))), params=values(x=1), image=image)
    app = step(definition(plan(job)), "other")["Arguments"]["AppSpecification"]
    assert app == {"ImageUri": image, "ContainerEntrypoint": ["run"], "ContainerArguments": ["--x=1"]}


def test_a_foreign_image_cannot_have_what_the_launcher_does() -> None:
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/other:1"
    job = run("other", inputs(model="training.model"), argv=("run", Flag("model", InputDir("model"))), image=image)
    (found,) = findings(plan(prepare(), train(), job))
    assert (found.code, found.spec_path) == ("MG301", ("steps", "other", "image"))
    assert codes(plan(run("other", argv=("run",), image="docker.io/acme/x:1"))) == ["MG301"]


def test_spot_and_several_machines_where_there_are_none() -> None:
    assert codes(plan(prepare(resources=Resources(spot=True)))) == ["MG301"]
    assert codes(plan(prepare(resources=Resources(nodes=2)))) == ["MG301"]


def test_limits_of_the_service_are_known_before_it_is_called() -> None:
    long = run("long", argv=script("l.py", (), (), "x"), params=values(x="y" * 260))
    lines = run("lines", argv=script("l.py", (), (), "x"), params=values(x="a\nb"))
    many = run("many", argv=("x", *["y"] * 101))
    wide = run("wide", (), outputs(*[f"o{n}" for n in range(11)]))
    env = run("env", env=(("A", "x" * 257),))
    assert codes(plan(long, lines, many, wide, env)) == ["MG306"] * 5
    assert codes(plan(run("slow", timeout=10**6))) == ["MG306"]


def test_too_many_gates_are_told_to_be_fewer() -> None:
    """Their words stand in the evaluation's command: a file of values, as for any other, would take none away."""
    usual = evaluate()
    words = tuple(Flag(f"gate{n}.at_least", Setting(0.5)) for n in range(101))
    many = evaluate(argv=(*usual.argv[:4], *words, *usual.argv[4:]), gates=usual.gates * 101)
    (found,) = findings(plan(prepare(), train(), many, register()))
    assert (found.code, "fewer gates" in (found.hint or "")) == ("MG306", True)


def test_a_parameter_nobody_reads_is_left_out() -> None:
    assert [p["Name"] for p in definition()["Parameters"]] == ["min_accuracy"]
    assert [p["Name"] for p in definition(plan(run("a"), parameters=PARAMETERS))["Parameters"]] == []


def test_a_source_may_hold_a_run_parameter() -> None:
    source = replace(LOCAL, local=None, uri=Text(("s3://lake/", Ref("folds"), "/")))
    found = step(definition(plan(sources=(source,))), "prepare")["Arguments"]["ProcessingInputs"][0]["S3Input"]
    assert found["S3Uri"]["Std:Join"]["Values"] == ["s3://lake/", {"Get": "Parameters.folds"}, "/"]


def test_names_that_are_made_here_cannot_be_taken() -> None:
    assert codes(plan(prepare(), train(), evaluate(), register(), run("evaluation-gate"))) == ["MG305"]


def test_a_definition_too_long_to_be_pretty_has_no_blanks() -> None:
    """What people can read comes first; what the service takes comes before that."""
    many = plan(*(run(f"step-{n:03}", inputs(source="data.source"), outputs("out")) for n in range(500)))
    text = bundle(many)["pipeline.json"]
    assert len(text) <= names.DEFINITION
    assert "\n" not in text.rstrip("\n")
    assert len(json.loads(text)["Steps"]) == 500


def test_a_definition_that_the_service_would_not_take_is_refused() -> None:
    many = plan(*(run(f"step-{n:04}", inputs(source="data.source"), outputs("out")) for n in range(1000)))
    with pytest.raises(SpecError) as refused:
        bundle(many)
    (found,) = refused.value.findings
    assert (found.code, found.spec_path) == ("MG306", ("steps",))
    assert re.fullmatch(r"`pipeline.json` would have [0-9,]{9} characters, .* 1,048,576 are taken", found.message)

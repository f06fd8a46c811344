"""What a spec says means the same on every target, or each says what it does not do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from mlopsgen.compile import compile_spec
from mlopsgen.diagnostics import Diagnostic, Severity
from tests.wrong import HEAD, asked, lay, said

BLOCKS: Mapping[str, str] = {
    "local": "local: {}",
    "sagemaker": 'sagemaker: {region: eu-west-1, account: "123456789012", bucket: acme-ml}',
    "azureml": "azureml: {subscription: 00000000-1111-2222-3333-444444444444, resource_group: acme-ml, "
    "workspace: acme-ml, region: westeurope}",
    "vertex": "vertex: {project: acme-ml, region: europe-west1, bucket: acme-ml-models}",
    "kubeflow": "kubeflow: {namespace: ml, endpoint: https://kubeflow.example.com, storage: s3://acme-ml, "
    "region: eu-west-1, images: ghcr.io/acme}",
}
ROWS: Mapping[str, str] = {
    "sagemaker": "s3://acme/rows/",
    "azureml": "azureml://datastores/d/paths/rows/",
    "vertex": "gs://acme/rows/",
    "kubeflow": "s3://acme-ml/rows/",
}
CLOUDS = tuple(name for name in BLOCKS if name != "local")
DATA = "data: {source: data/churn.csv, label: churned}\n"
TRAINED = f"{DATA}training: {{run: train.py}}\n"
EVALUATED = f"{TRAINED}evaluation: {{task: classification, gates: {{accuracy: {{at_least: 0.5}}}}}}\n"


def on(target: str, body: str, more: str = "") -> str:
    """A spec for one target; `more` are further keys of its block."""
    block = BLOCKS[target]
    return f"{HEAD}{body}targets: {{{block[:-1]}{', ' if more and block[-2] != '{' else ''}{more}}}}}\n"


def weighty(found: tuple[Diagnostic, ...]) -> list[tuple[str, str]]:
    return [(d.code, d.message) for d in found if d.severity is Severity.ERROR]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return lay(tmp_path)


@pytest.mark.parametrize("target", BLOCKS)
@pytest.mark.parametrize("allow", [("MG301",), ("MG301", "MG302")])
def test_a_spec_that_only_deploys_is_no_empty_bundle(project: Path, target: str, allow: tuple[str, ...]) -> None:
    body = "registry: {from: s3://acme/model/}\ndeployment: {mode: real-time}\n"
    codes = {d.code for d in said(project, on(target, body), target, allow) if d.severity is Severity.ERROR}
    assert codes == ({"MG207"} if "MG302" in allow else {"MG302"})


LIVE = "deployment: {mode: real-time}\nmonitoring: {monitors: {drift: {kind: data-drift, method: psi, at_most: 0.2}}}\n"
MACHINES = {
    "sagemaker": "ml.m5.large",
    "azureml": "Standard_D4ds_v5",
    "vertex": "n2-standard-4",
    "kubeflow": "node-a",
}


@pytest.mark.parametrize(
    ("target", "key"),
    # Clusters that exist are named on Azure ML alone.
    [*((target, key) for target in CLOUDS for key in ("machines", "steps")), ("azureml", "compute")],
)
def test_native_keys_of_a_deployment_or_a_monitor_are_left_out_with_it(project: Path, target: str, key: str) -> None:
    value = {"machines": MACHINES[target], "steps": "{Anything: 1}", "compute": "cpu"}[key]
    more = f"{key}: {{deployment: {value}, drift: {value}}}"
    elsewhere = LIVE.replace("real-time", "edge")
    assert weighty(said(project, on(target, TRAINED + elsewhere, more), target, ("MG302",))) == []


@pytest.mark.parametrize("target", CLOUDS)
def test_a_machine_of_nothing_at_all_is_named_with_what_was_meant(project: Path, target: str) -> None:
    more = f"machines: {{deploymnt: {MACHINES[target]}}}"
    (wrong,) = (d for d in said(project, on(target, TRAINED + LIVE, more), target, ("MG302",)) if d.code == "MG309")
    assert wrong.hint == "did you mean `deployment`?"


ANSWERING = ("azureml",)
"""Targets that emit real-time deployments."""


@pytest.mark.parametrize("target", CLOUDS)
def test_an_endpoint_to_take_over_belongs_to_a_deployment(project: Path, target: str) -> None:
    text = on(target, TRAINED + LIVE, "names: {deploymnt: live, deployment: other}")
    found = said(project, text, target, ("MG302", "MG309"))
    assert ("MG309", "no deployment is called `deploymnt`") in [(d.code, d.message) for d in found]
    refused = ("MG302", "no deployment is emitted yet, so none can be called `other`")
    assert (refused in [(d.code, d.message) for d in found]) == (target not in ANSWERING)


@pytest.mark.parametrize(("target", "taken"), [(name, name != "sagemaker") for name in BLOCKS])
def test_a_model_may_have_an_underscore_where_the_platform_takes_one(
    project: Path, target: str, *, taken: bool
) -> None:
    found = said(project, on(target, TRAINED + "registry: {model: churn_model}\n"), target)
    assert [code for code, _ in weighty(found)] == ([] if taken else ["MG305"])


@pytest.mark.parametrize("target", CLOUDS)
def test_a_step_that_says_cache_true_and_cannot_have_it_is_told(project: Path, target: str) -> None:
    """A word of the user is obeyed or answered; what has no such word is told nothing."""
    body = f"""data: {{source: "{ROWS[target]}", split: none}}
steps: {{clean: {{run: clean.py, inputs: {{raw: data.source}}, outputs: {{rows: report}}, cache: true}}}}
"""
    notes = [d for d in said(project, on(target, body), target) if "cache: true" in d.message]
    assert [d.hint for d in notes] == ["say which data are meant: `data.sources.source.version`"]
    silent = said(project, on(target, body.replace(", cache: true", "")), target)
    assert not any("cache" in d.message for d in silent)


@pytest.mark.parametrize("target", BLOCKS)
def test_without_a_registry_no_version_is_made(project: Path, target: str) -> None:
    made = compile_spec(asked(project, on(target, EVALUATED + "registry: none\n")), target)
    assert not weighty(made.findings)
    assert b"mlopsgen_runtime register" not in b"".join(made.bundle.files.values())
    assert not any("registry" in line for line in made.bundle.files if line.endswith("pipeline.json"))


@pytest.mark.parametrize("target", CLOUDS)
def test_a_source_that_a_run_names_by_default_in_a_foreign_store_is_refused(project: Path, target: str) -> None:
    foreign = "s3://acme/rows/" if target in ("vertex", "azureml") else "abfss://rows@acme.dfs.core.windows.net/"
    body = f"""parameters: {{where: {{type: string, default: "{foreign}"}}}}
data: {{source: "${{parameters.where}}", label: churned}}
training: {{run: train.py}}
"""
    assert "MG313" in {code for code, _ in weighty(said(project, on(target, body), target))}


def test_the_account_of_a_run_reads_the_bucket_that_a_source_has_by_default(project: Path) -> None:
    body = """parameters: {where: {type: string, default: "gs://elsewhere/rows/"}}
data: {source: "${parameters.where}", label: churned}
training: {run: train.py}
"""
    made = compile_spec(asked(project, on("vertex", body)), "vertex")
    assert b'"elsewhere"' in b"".join(text for name, text in made.bundle.files.items() if name.startswith("infra/"))
    (note,) = (d for d in made.findings if "is denied other buckets" in d.message)
    assert "(`elsewhere`)" in note.message


@pytest.mark.parametrize("target", BLOCKS)
@pytest.mark.parametrize("gpu", ["1", "{count: 1}"])
def test_an_accelerator_of_any_kind_is_one_that_the_target_has(project: Path, target: str, gpu: str) -> None:
    body = TRAINED.replace("run: train.py", f"run: train.py, resources: {{gpu: {gpu}}}")
    made = compile_spec(asked(project, on(target, body)), target)
    text = b"".join(made.bundle.files.values())
    wanted = {
        "sagemaker": b"ml.g4dn.",
        "azureml": b"Standard_NC",
        "vertex": b"NVIDIA_TESLA_T4",
        "kubeflow": b"nvidia.com/gpu",
    }
    assert wanted.get(target, b"") in text
    assert b"nvidia.com/gpu.product" not in text


@pytest.mark.parametrize("target", ["sagemaker", "vertex"])
def test_several_nodes_of_a_preparation_with_columns_are_refused_for_the_check_before_it(
    project: Path, target: str
) -> None:
    body = """data:
  source: data/churn.csv
  columns: {id: string, age: integer, city: string, at: string, weight: number, churned: category}
  label: churned
  prepare: {run: prepare.py, outputs: [train, test], resources: {nodes: 2}}
training: {run: train.py}
"""
    wrong = [message for code, message in weighty(said(project, on(target, body), target)) if code == "MG301"]
    assert wrong == ["before `prepare` the data is checked against its `columns` and `checks`, on one machine"]


def test_nodes_that_a_run_gives_and_are_one_by_default_run_on_this_machine(project: Path) -> None:
    body = f"""parameters: {{nodes: {{type: integer, default: 1}}}}
{DATA}training: {{run: train.py, distributed: mpi, resources: {{nodes: "${{parameters.nodes}}"}}}}
"""
    assert weighty(said(project, on("local", body), "local")) == []
    assert weighty(said(project, on("local", body.replace("default: 1", "default: 2")), "local"))


def test_a_trial_over_several_nodes_is_told_what_of_the_spec_calls_for_katib(project: Path) -> None:
    body = f"""{DATA}training:
  run: train.py
  distributed: torchrun
  resources: {{nodes: 2}}
  tuning: {{metric: accuracy, strategy: random, trials: 4, stop_at: 0.9, search: {{depth: {{int: [2, 8]}}}}}}
"""
    (wrong,) = (m for c, m in weighty(said(project, on("kubeflow", body), "kubeflow")) if "several nodes" in m)
    assert wrong.endswith("cannot be had in Katib, which `stop_at` call for")
    loop = body.replace("stop_at: 0.9, ", "")
    assert weighty(said(project, on("kubeflow", loop), "kubeflow")) == []


@pytest.mark.parametrize("target", CLOUDS)
@pytest.mark.parametrize("nodes", [1, 2])
def test_a_share_of_the_data_for_one_machine_is_all_of_it(project: Path, target: str, nodes: int) -> None:
    body = f"""data:
  sources: {{rows: {{uri: "{ROWS[target]}", distribution: sharded}}}}
  split: none
training: {{run: train.py{", distributed: torchrun, resources: {nodes: 2}" if nodes == 2 else ""}}}
"""
    refused = [m for c, m in weighty(said(project, on(target, body), target)) if c == "MG301"]
    assert bool(refused) == (nodes == 2 and target != "sagemaker")


def test_spot_and_the_accelerator_of_a_step_on_a_cluster_that_exists_are_answered(project: Path) -> None:
    body = TRAINED.replace("run: train.py", "run: train.py, resources: {spot: true, gpu: t4}")
    found = said(project, on("azureml", body, "compute: {default: cpu-cluster}"), "azureml")
    assert any("`gpu`, `spot` of `resources` choose no machine" in d.message for d in found)


def test_models_that_a_search_is_to_keep_are_answered_on_azure(project: Path) -> None:
    tuning = "tuning: {metric: accuracy, strategy: random, trials: 4, keep: 2, search: {depth: {int: [2, 8]}}}"
    body = TRAINED.replace("run: train.py", f"run: train.py, {tuning}")
    found = said(project, on("azureml", body), "azureml")
    assert any(d.spec_path == ("training", "tuning", "keep") for d in found)


def test_what_a_monitor_compares_with_is_read_by_somebody(project: Path) -> None:
    body = """data: {sources: {rows: {uri: data/churn.csv}, old: {uri: data/zones.csv}}, main: rows, label: churned}
steps: {clean: {run: clean.py, inputs: {raw: data.rows}, outputs: [table]}}
training: {run: train.py}
deployment: {mode: real-time}
monitoring:
  baseline: clean.table
  monitors:
    drift: {kind: data-drift, method: psi, at_most: 0.2}
    old: {kind: data-drift, method: psi, at_most: 0.2, baseline: data.old}
"""
    assert [d.message for d in said(project, HEAD + body) if d.code in ("MG204", "MG208")] == []


@pytest.mark.parametrize("message", ["{pubsub: labels}", "{sns: arn:aws:sns:eu-west-1:123456789012:labels}"])
def test_a_message_may_say_its_topic_alone(project: Path, message: str) -> None:
    body = f"{TRAINED}triggers: {{told: {{start: training, message: {message}}}}}\n"
    assert weighty(said(project, HEAD + body)) == []


@pytest.mark.parametrize("target", CLOUDS)
@pytest.mark.parametrize(
    ("more", "unchecked"), [("", "type"), (", minimum: 0", "type and the bounds"), (", values: [1, 2]", "")]
)
def test_an_optional_number_of_a_run_that_nobody_compares_is_told(
    project: Path, target: str, more: str, unchecked: str
) -> None:
    """SageMaker and Azure ML have no value that is none, so that it is a text; KFP's parameters may be null."""
    body = f"parameters: {{depth: {{type: integer, default: null{more}}}}}\n" + TRAINED.replace(
        "run: train.py", 'run: train.py, params: {depth: "${parameters.depth}"}'
    )
    notes = [d for d in said(project, on(target, body), target) if "nobody checks the" in d.message]
    where = [("parameters", "depth", "type")] if unchecked and target in ("sagemaker", "azureml") else []
    assert [d.spec_path for d in notes] == where
    assert all(f"the {unchecked} of `depth`" in d.message for d in notes)


@pytest.mark.parametrize("target", ["sagemaker", "vertex", "kubeflow"])
@pytest.mark.parametrize("always", [True, False])
def test_a_condition_of_a_step_that_always_runs_is_refused(project: Path, target: str, *, always: bool) -> None:
    """On SageMaker EventBridge starts such steps, and its event has none of the run's parameters."""
    body = "parameters: {tell: {type: boolean, default: false}}\n" + TRAINED
    body += f'steps: {{tell: {{run: tell.py, when: "${{parameters.tell}}", always: {str(always).lower()}}}}}\n'
    refused = [d.spec_path for d in said(project, on(target, body), target) if d.code == "MG301"]
    assert refused == ([("steps", "tell", "when")] if always else [])

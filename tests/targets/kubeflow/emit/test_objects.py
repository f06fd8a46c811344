"""Experiments and TrainJobs as files: what Katib and Trainer read."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from .made import made, refused


def tuned(strategy: str = "bayesian", **more: Any) -> dict[str, Any]:
    search = {"depth": {"int": [2, 8]}, "rate": {"float": [0.001, 0.3], "scale": "log"}, "kind": {"choice": ["a", "b"]}}
    tuning = {"metric": "accuracy", "strategy": strategy, "trials": 9, "parallel": 3, "search": search}
    return {"training": {"run": "train.py", "tuning": {**tuning, **more}}}


def experiment(folder: Path, spec: dict[str, Any], **options: Any) -> Any:
    return made(folder, spec, **options).json("manifests/training-experiment.json")["spec"]


def test_numbers_are_texts_and_scales_are_distributions(tmp_path: Path) -> None:
    found = experiment(tmp_path, tuned(seed=7, stop_at=0.95, max_failures=2, early_stopping=True))
    assert {one["name"]: (one["parameterType"], one["feasibleSpace"]) for one in found["parameters"]} == {
        "depth": ("int", {"min": "2", "max": "8", "step": "1"}),
        "rate": ("double", {"min": "0.001", "max": "0.3", "distribution": "logUniform"}),
        "kind": ("categorical", {"list": ["a", "b"]}),
    }
    assert found["algorithm"] == {
        "algorithmName": "tpe",
        "algorithmSettings": [{"name": "random_state", "value": "7"}],
    }
    assert found["objective"]["goal"] == 0.95
    assert (found["maxTrialCount"], found["parallelTrialCount"], found["maxFailedTrialCount"]) == (9, 3, 2)
    assert found["earlyStopping"] == {"algorithmName": "medianstop"}


def test_a_bayesian_search_may_start_at_0_and_keeps_to_a_linear_scale(tmp_path: Path) -> None:
    found = experiment(tmp_path, tuned(search={"rate": {"float": [0, 0.1]}}))
    assert found["parameters"][0]["feasibleSpace"] == {"min": "0", "max": "0.1"}
    assert found["algorithm"]["algorithmName"] == "tpe", "bayesianoptimization takes the logarithm of every float"


def test_a_grid_may_be_katibs_too(tmp_path: Path) -> None:
    search = {"kind": {"choice": ["a", "b"]}, "rate": {"float": [0.1, 0.5], "points": 5}}
    spec = tuned("grid", search=search)
    del spec["training"]["tuning"]["trials"]
    found = experiment(tmp_path, spec, search="katib")
    assert found["algorithm"]["algorithmName"] == "grid"
    assert found["maxTrialCount"] == 10
    assert found["parameters"][1]["feasibleSpace"]["list"] == ["0.1", "0.2", "0.3", "0.4", "0.5"]
    assert "training-experiment.json" not in made(tmp_path, spec).manifest_names


def test_a_grid_of_katibs_has_as_many_points_as_trials_and_keeps_a_logarithmic_scale(tmp_path: Path) -> None:
    # Katib counted two points of [0.1, 0.5] by its step of 0.2, and refused three trials.
    search = {"C": {"float": [0.1, 0.5], "points": 3}, "g": {"float": [0.001, 1], "points": 4, "scale": "log"}}
    spec = tuned("grid", search=search)
    del spec["training"]["tuning"]["trials"]
    found = experiment(tmp_path, spec, search="katib")
    lists = {one["name"]: one["feasibleSpace"]["list"] for one in found["parameters"]}
    assert lists == {"C": ["0.1", "0.3", "0.5"], "g": ["0.001", "0.01", "0.1", "1"]}
    assert found["maxTrialCount"] == 12


def test_a_hyperband_that_would_hang_behind_its_first_bracket_is_refused(tmp_path: Path) -> None:
    """katib v0.19.0: suggestionclient.go wants as many trials as it asks for, and hyperband/service.py answers with a
    third of them (kubeflow/katib#1168)."""
    spec = tuned("hyperband", search={"epochs": {"int": [1, 27]}, "depth": {"int": [2, 8]}})
    assert refused(tmp_path, spec) == [("MG301", "training.tuning.strategy")]


def test_a_trial_that_says_nothing_on_the_way_is_not_stopped_early_and_that_is_said(tmp_path: Path) -> None:
    """katib, pkg/earlystopping/v1beta1/medianstop: it compares what trials have printed by now."""
    (note,) = [one for one in made(tmp_path, tuned(early_stopping=True)).found if "stops a trial" in one.message]
    assert note.spec_path == ("training", "tuning", "early_stopping")
    assert "accuracy=0.71" in (note.hint or "")


@pytest.mark.parametrize("more", [{"stop_at": 0.9}, {"timeout": "2h"}, {"early_stopping": True}])
def test_what_a_loop_cannot_do_is_katibs(tmp_path: Path, more: dict[str, Any]) -> None:
    bundle = made(tmp_path, tuned("random", **more))
    assert bundle.json("manifests/training-experiment.json")["spec"]["algorithm"]["algorithmName"] == "random"
    assert ("--timeout=7200" in bundle.container("training-search")["args"]) is ("timeout" in more)


def test_a_trial_loads_what_it_reads_and_prints_what_it_found(tmp_path: Path) -> None:
    spec = tuned()
    spec["training"] |= {"params": {"note": "5$"}, "secrets": {"TOKEN": "hub/token"}, "env": {"LEVEL": "a$b"}}
    spec["training"] |= {"timeout": "2h", "retries": {"attempts": 2}, "resources": {"cpu": 2, "gpu": "t4"}}
    found = experiment(tmp_path, spec, machines={"training": "pool=gpu"})
    job = found["trialTemplate"]["trialSpec"]["spec"]
    pod = job["template"]["spec"]
    assert (job["backoffLimit"], pod["activeDeadlineSeconds"]) == (2, 7200)
    assert pod["nodeSelector"] == {"pool": "gpu"}
    (container,) = pod["containers"]
    assert container["args"][:2] == ["step", "--load=/tmp/mlopsgen/in/train="]
    assert "--scalars=stdout" in container["args"]
    assert "'--note=5$'" in container["args"]
    assert {*container["args"][-3:]} == {
        f"'--{name}=${{trialParameters.{name}}}'" for name in ("depth", "rate", "kind")
    }
    variables = {one["name"]: one.get("value") or one["valueFrom"]["secretKeyRef"] for one in container["env"]}
    assert variables == {"LEVEL": "a$b", "TOKEN": {"name": "hub", "key": "token"}}
    assert container["resources"]["limits"] == {"cpu": "2", "nvidia.com/gpu": "1"}


def test_the_time_limit_of_a_trial_is_that_of_each_try(tmp_path: Path) -> None:
    """kubernetes.io/docs/concepts/workloads/controllers/job: a Job's own counts from the first try's start."""
    spec = tuned()
    spec["training"] |= {"timeout": "2h", "retries": {"attempts": 2}}
    assert "activeDeadlineSeconds" not in experiment(tmp_path, spec)["trialTemplate"]["trialSpec"]["spec"]


def test_a_trials_texts_are_no_commands_of_the_shell_that_katib_starts(tmp_path: Path) -> None:
    spec = tuned()
    spec["training"]["params"] = {"note": "two words; `id` 'x'", "layers": [64, 32]}
    found = experiment(tmp_path, spec)
    (container,) = found["trialTemplate"]["trialSpec"]["spec"]["template"]["spec"]["containers"]
    joined = " ".join([*container["command"], *container["args"]])
    words = shlex.split(joined)
    assert {"--note=two words; `id` 'x'", "--layers=[64, 32]", "--kind=${trialParameters.kind}"} <= {*words}
    assert len(words) == len(container["command"]) + len(container["args"])
    spec["training"]["tuning"]["search"]["kind"] = {"choice": ["a b", "it's", '"']}
    assert refused(tmp_path, spec) == [("MG308", "training.tuning.search.kind")] * 2


def test_what_only_a_run_knows_is_put_in_when_it_runs(tmp_path: Path) -> None:
    spec = tuned(trials="${parameters.trials}")
    spec["parameters"] = {"trials": {"type": "integer", "default": 5}, "folds": {"type": "integer", "default": 3}}
    spec["training"]["params"] = {"folds": "${parameters.folds}"}
    bundle = made(tmp_path, spec)
    words = bundle.container("training-search")["args"]
    args = bundle.json("manifests/training-experiment.json")["spec"]["trialTemplate"]["trialSpec"]["spec"]["template"]
    place = args["spec"]["containers"][0]["args"].index("--folds=")
    at = "/spec/trialTemplate/trialSpec/spec/template/spec/containers/0/args"
    assert f"--set={at}/1=--load=/tmp/mlopsgen/in/train={{{{$.inputs.artifacts['train'].uri}}}}" in words
    assert f"--set={at}/{place}=--folds={{{{$.inputs.parameters['folds']}}}}" in words
    assert "--set=/spec/maxTrialCount={{$.inputs.parameters['trials']}}" in words
    assert bundle.json("manifests/training-experiment.json")["spec"]["maxTrialCount"] == 5


def test_nodes_are_a_trainjob(tmp_path: Path) -> None:
    resources = {"nodes": 4, "gpu": {"kind": "a100", "count": 8}, "cpu": 16, "memory": "64Gi"}
    spec = {"training": {"run": "train.py", "distributed": "torchrun", "resources": resources, "timeout": "1h"}}
    bundle = made(tmp_path, spec)
    job = bundle.json("manifests/training-trainjob.json")
    assert job["spec"]["runtimeRef"] == {
        "apiGroup": "trainer.kubeflow.org",
        "kind": "ClusterTrainingRuntime",
        "name": "torch-distributed",
    }
    trainer = job["spec"]["trainer"]
    assert (trainer["numNodes"], trainer["numProcPerNode"]) == (4, 8)
    assert trainer["resourcesPerNode"]["limits"] == {"cpu": "16", "memory": "64Gi", "nvidia.com/gpu": "8"}
    assert "--rank=PET_NODE_RANK" in trainer["args"]
    start = trainer["args"].index("--")
    assert trainer["args"][start + 1 : start + 5] == ["python", "-m", "torch.distributed.run", "/opt/app/train.py"]
    (patch,) = job["spec"]["runtimePatches"]
    (node,) = patch["trainingRuntimeSpec"]["template"]["spec"]["replicatedJobs"]
    assert node["template"]["spec"]["template"]["spec"]["serviceAccountName"] == "payers-worker"
    words = bundle.container("training")["args"]
    assert "--load={{$.outputs.artifacts['model'].path}}={{$.outputs.artifacts['model'].uri}}" in words
    assert "resources" not in bundle.container("training"), "the step that waits needs next to nothing"
    assert bundle.told("training")["activeDeadlineSeconds"] == "3600"


def test_mpi_needs_a_runtime_of_the_clusters_own(tmp_path: Path) -> None:
    spec = {"training": {"run": "train.py", "distributed": "mpi", "resources": {"nodes": 2}}}
    assert refused(tmp_path, spec) == [("MG301", "training.distributed")]
    job = made(tmp_path, spec, trainer_runtimes={"mpi": "deepspeed-distributed"}).json(
        "manifests/training-trainjob.json"
    )
    assert job["spec"]["runtimeRef"]["name"] == "deepspeed-distributed"


@pytest.mark.parametrize(
    ("training", "found"),
    [
        ({"distributed": "tensorflow", "resources": {"nodes": 2}}, "training.distributed"),
        ({"distributed": "torchrun", "resources": {"nodes": 2}, "image": "ghcr.io/acme/t:1"}, "training.image"),
    ],
)
def test_other_nodes_are_refused(tmp_path: Path, training: dict[str, Any], found: str) -> None:
    said = refused(tmp_path, {"training": {"run": ["python", "train.py"], **training}})
    assert ("MG301", found) in said


def test_nodes_do_not_get_shares_of_a_source(tmp_path: Path) -> None:
    def folder(name: str) -> Path:
        (tmp_path / name).mkdir()
        return tmp_path / name

    data = {"source": "s3://acme-ml/lake/churn", "distribution": "sharded", "label": "churned", "split": "none"}
    alone = {"run": "train.py"}
    several = {**alone, "distributed": "torchrun", "resources": {"nodes": 2}}
    whole = {"data": {**data, "distribution": "replicated"}, "training": several}
    assert refused(folder("several"), {"data": data, "training": several}) == [
        ("MG301", "data.sources.source.distribution")
    ]
    made(folder("alone"), {"data": data, "training": alone})
    made(folder("whole"), whole)


def test_other_steps_have_one_node(tmp_path: Path) -> None:
    step = {"run": "clean.py", "inputs": {"rows": "data.source"}, "outputs": {"x": "report"}, "resources": {"nodes": 2}}
    assert refused(tmp_path, {"steps": {"clean": step}}) == [("MG301", "steps.clean.resources.nodes")]


@pytest.mark.parametrize(
    ("training", "found"),
    [
        ({"image": "ghcr.io/acme/t:1"}, "training.image"),
        ({"resources": {"nodes": 2}, "distributed": "torchrun"}, "training.resources.nodes"),
    ],
)
def test_trials_that_katib_cannot_have_are_refused(tmp_path: Path, training: dict[str, Any], found: str) -> None:
    spec = tuned()
    spec["training"] = {**spec["training"], "run": ["python", "train.py"], **training}
    assert ("MG301", found) in refused(tmp_path, spec)


def test_names_leave_room_for_what_is_added(tmp_path: Path) -> None:
    spec = {**tuned(), "name": "a-product-with-a-name-of-forty-eight-characters"}
    name = made(tmp_path, spec).json("manifests/training-experiment.json")["metadata"]["name"]
    # Katib adds nine to a trial, Kubernetes six to its pod, the step nine to the search.
    assert len(name) + 9 + 9 + 6 <= 63
    assert name.endswith("-training")


@pytest.mark.parametrize("text", ["$(HOME)", "cash: $$"])
def test_dollars_that_kubernetes_would_read_twice_are_refused(tmp_path: Path, text: str) -> None:
    spec = {"training": {"run": "train.py", "params": {"note": text}, "env": {"NOTE": text}}}
    places = ["training.params.note", "training.env.NOTE"]
    assert sorted(refused(tmp_path, spec)) == sorted(("MG308", place) for place in places)
    plain = {"training": {"run": "train.py", "params": {"note": "5$ each"}}}
    assert "--note=5$ each" in made(tmp_path, plain).container("training")["args"]


@pytest.mark.parametrize("text", ["{{ workflow.name }}", "{{pod.name}}", "{{retries}}", "{{$.pipeline_job_uuid}}"])
def test_no_text_between_two_braces_is_left_for_argo_to_fill_in(tmp_path: Path, text: str) -> None:
    spec = {"training": {"run": "train.py", "params": {"note": text}}}
    assert refused(tmp_path, spec) == [("MG308", "training.params.note")]


@pytest.mark.parametrize("text", ["${trialParameters.depth}", "{{workflow.name}}", "{{$.pipeline_job_uuid}}"])
def test_what_katib_or_argo_would_evaluate_is_refused(tmp_path: Path, text: str) -> None:
    spec = tuned()
    spec["training"]["params"] = {"note": text.replace("${", "$${")}
    assert refused(tmp_path, spec)[0][0] == "MG308"


@pytest.mark.parametrize(
    ("storage", "fit", "do_not"), [("s3://acme-ml", 80, 117), ("minio://mlpipeline/private-artifacts/ml", 45, 75)]
)
def test_a_loop_has_no_more_trials_than_one_word_of_a_command_can_tell_of(
    tmp_path: Path, storage: str, fit: int, do_not: int
) -> None:
    """Linux, MAX_ARG_STRLEN; kubeflow/pipelines, metadata/converter.go, toRuntimeArtifact: with how a store is opened,
    an artifact of a store beside AWS takes half as much again."""
    assert made(tmp_path, tuned("random", trials=fit), storage=storage).files
    many = tuned("random", trials=do_not)
    assert refused(tmp_path, many, storage=storage) == [("MG306", "training.tuning.trials")]
    assert made(tmp_path, many, storage=storage, search="katib").files
    late = {**tuned("random", trials="${parameters.trials}")}
    late["parameters"] = {"trials": {"type": "integer", "default": 5, "maximum": 120}}
    assert refused(tmp_path, late, storage=storage) == [("MG306", "training.tuning.trials")]


def test_pods_that_we_write_are_let_into_a_namespace_that_is_restricted(tmp_path: Path) -> None:
    """kubernetes.io/docs/concepts/security/pod-security-standards: `restricted`."""
    several = {"training": {"run": "train.py", "distributed": "torchrun", "resources": {"nodes": 2}}}
    search = made(tmp_path, tuned(), storage="pvc://ml-data")
    trial = experiment(tmp_path, tuned())["trialTemplate"]["trialSpec"]["spec"]["template"]["spec"]
    patch = made(tmp_path, several).json("manifests/training-trainjob.json")["spec"]["runtimePatches"][0]
    (nodes,) = patch["trainingRuntimeSpec"]["template"]["spec"]["replicatedJobs"]
    (upload,) = search._documents("upload-pod.yaml")
    for pod in (trial, nodes["template"]["spec"]["template"]["spec"], upload["spec"]):
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        (container,) = pod["containers"]
        security = container["securityContext"]
        assert (security["runAsNonRoot"], security["runAsUser"]) == (True, 10001)
        assert (security["allowPrivilegeEscalation"], security["capabilities"]) == (False, {"drop": ["ALL"]})
    own = {**tuned(), "code": {"image": "ghcr.io/acme/payers:1"}}
    job = experiment(tmp_path, own)["trialTemplate"]["trialSpec"]["spec"]["template"]["spec"]
    assert "runAsUser" not in job["containers"][0]["securityContext"], "nobody knows which user that image needs"


@pytest.mark.parametrize("metric", ["ndcg@10", "val/acc", "f1.macro", "accuracy"])
def test_katib_finds_a_metric_whatever_its_name_is(tmp_path: Path, metric: str) -> None:
    r"""katib, pkg/metricscollector/v1beta1/common/const.go: a name is [\w|-]+ there, unless a filter says otherwise."""
    spec = tuned("bayesian", metric=metric, trials=3)
    spec["metrics"] = {metric: "maximize"}
    filters = experiment(tmp_path, spec)["metricsCollectorSpec"].get("source", {}).get("filter", {})
    (pattern,) = filters.get("metricsFormat", [r"([\w|-]+)\s*=\s*([+-]?\d*(\.\d+)?([Ee][+-]?\d+)?)"])
    assert [found[:2] for found in re.findall(pattern, f"{metric}=7.5e-05")] == [(metric, "7.5e-05")]
    assert bool(filters) == (metric != "accuracy")


def test_a_trial_of_a_loop_that_takes_too_long_is_a_trial_that_failed(tmp_path: Path) -> None:
    """kubeflow/pipelines, v2/driver/k8s.go: a pod's deadline fails the step, whatever its process says."""
    spec = tuned("random", trials=3)
    spec["training"] |= {"timeout": "30m", "retries": {"attempts": 1, "backoff": "30s"}}
    bundle = made(tmp_path, spec)
    assert "--timeout=1800" in bundle.container("training-trial")["args"]
    assert int(bundle.told("training-trial")["activeDeadlineSeconds"]) > 2 * 1800 + 30
    single = made(tmp_path, {"training": {"run": "train.py", "timeout": "30m"}})
    assert single.told("training")["activeDeadlineSeconds"] == "1800"


def test_nodes_of_a_trial_may_fail_without_the_search(tmp_path: Path) -> None:
    spec = tuned("random", trials=3)
    spec["training"] |= {"timeout": "30m", "distributed": "torchrun", "resources": {"nodes": 2}}
    bundle = made(tmp_path, spec)
    assert "--may-fail=true" in bundle.container("training-trial")["args"]
    nodes = bundle.json("manifests/training-trial-trainjob.json")["spec"]
    assert {"--timeout=1800", "--may-fail=true"} <= set(nodes["trainer"]["args"])
    waits = int(bundle.told("training-trial")["activeDeadlineSeconds"])
    assert waits > nodes["activeDeadlineSeconds"] > 1800, "who waits tells of the failure"

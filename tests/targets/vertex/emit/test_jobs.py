"""What a container cannot say is a custom job; searches are tuning jobs or loops."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mlopsgen.diagnostics import Severity
from mlopsgen.plan.steps import Gpu, Resources
from mlopsgen.targets.vertex import machines

from .specs import Node, emit, refused, training, vertex

GRID = {"metric": "accuracy", "strategy": "grid", "search": {"depth": {"int": [2, 4]}, "kind": {"choice": ["a", "b"]}}}


FOREIGN = {"run": ["fit"], "image": "gcr.io/acme/fit@sha256:" + "0" * 64}


def tuned(**more: Any) -> Any:
    return training(tuning={"metric": "accuracy", "trials": 30, "strategy": "bayesian", "search": SEARCH, **more})


SEARCH = {
    "rate": {"float": [0.001, 0.3], "scale": "log"},
    "depth": {"int": [2, 12]},
    "kind": {"choice": ["gbtree", "dart"]},
}


def test_a_step_is_a_container_with_the_limits_it_asks_for(tmp_path: Path) -> None:
    found = emit(tmp_path, training(resources={"cpu": 8, "memory": "32Gi", "gpu": {"kind": "t4", "count": 2}}))
    resources = found.container("training")["resources"]
    assert resources["resourceCpuLimit"] == "8"
    assert resources["resourceMemoryLimit"] == "32Gi"
    assert resources["accelerator"]["resourceType"] == "NVIDIA_TESLA_T4"
    assert resources["accelerator"]["resourceCount"] == "2"


def test_spot_and_several_machines_are_one_custom_job(tmp_path: Path) -> None:
    asked = training(
        resources={"cpu": 8, "memory": "32Gi", "spot": True, "nodes": 3, "gpu": {"kind": "l4", "count": 1}},
        distributed="torchrun",
        timeout="2h",
    )
    found = emit(tmp_path, asked)
    job = found.payload("training")["job_spec"]
    first, others = job["worker_pool_specs"]
    assert (first["replica_count"], others["replica_count"]) == (1, 2)
    machine = {"machine_type": "g2-standard-8", "accelerator_type": "NVIDIA_L4", "accelerator_count": 1}
    assert first["machine_spec"] == others["machine_spec"] == machine
    assert job["scheduling"] == {"timeout": "7200s", "strategy": "SPOT", "restart_job_on_worker_restart": True}
    assert re.fullmatch(r"churn-[0-9a-f]{8}@acme-ml\.iam\.gserviceaccount\.com", job["service_account"])
    args = first["container_spec"]["args"]
    assert args[:4] == ["step", "--cluster=CLUSTER_SPEC", "--executor-input", "{{$.json_escape[1]}}"]
    rest = args[args.index("--") :]
    assert rest[:4] == ["--", "python", "-m", "torch.distributed.run"]
    assert rest[4:7] == ["--nnodes=3", "--nproc-per-node=gpu", "/opt/app/train.py"]
    assert found.container("training")["image"].startswith("gcr.io/ml-pipeline/google-cloud-pipeline-components:2.")
    assert "--model={{$.outputs.artifacts['model'].path}}" in rest


def test_text_of_a_run_stands_escaped_inside_a_request(tmp_path: Path) -> None:
    declared = {"note": {"type": "string", "default": 'say "x"'}, "n": {"type": "integer", "default": 1}}
    asked = training(params={"note": "${parameters.note}", "n": "${parameters.n}"}, resources={"spot": True})
    (pool,) = emit(tmp_path, {"parameters": declared}, asked).payload("training")["job_spec"]["worker_pool_specs"]
    args = pool["container_spec"]["args"]
    assert "--note={{$.inputs.parameters['note'].json_escape[1]}}" in args
    assert "--train={{$.inputs.artifacts['train'].path}}" in args


@pytest.mark.parametrize(
    ("resources", "machine"),
    [
        ({"disk": "200Gi"}, {"machine_type": "e2-standard-4"}),
        ({"cpu": 100}, {"machine_type": "m1-ultramem-160"}),
        (
            {"gpu": {"kind": "h200", "count": 8}},
            {"machine_type": "a3-ultragpu-8g", "accelerator_type": "NVIDIA_H200_141GB", "accelerator_count": 8},
        ),
    ],
)
def test_disks_and_large_machines_are_custom_jobs(tmp_path: Path, resources: Any, machine: Any) -> None:
    (pool,) = emit(tmp_path, training(resources=resources)).payload("training")["job_spec"]["worker_pool_specs"]
    assert pool["machine_spec"] == machine
    assert pool.get("disk_spec") == ({"boot_disk_size_gb": 200} if "disk" in resources else None)


def test_a_machine_by_its_name_wins(tmp_path: Path) -> None:
    asked = vertex(machines={"training": "n2-highmem-8", "default": "e2-standard-8"})
    found = emit(tmp_path, asked, training(resources={"cpu": 2}))
    for step, machine in (("training", "n2-highmem-8"), ("evaluation", "e2-standard-8")):
        (pool,) = found.payload(step)["job_spec"]["worker_pool_specs"]
        assert pool["machine_spec"] == {"machine_type": machine}


def test_a_default_that_lacks_the_accelerator_is_not_taken(tmp_path: Path) -> None:
    found = emit(tmp_path, vertex(machines={"default": "n2-standard-4"}), training(resources={"gpu": {"kind": "t4"}}))
    assert found.container("training")["resources"]["accelerator"]["resourceType"] == "NVIDIA_TESLA_T4"


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"resources": {"gpu": {"kind": "mi300"}}}, "MG307", "no machine of Vertex AI has a `mi300`"),
        ({"resources": {"cpu": 500}}, "MG307", "no machine of Vertex AI has all that"),
        ({"resources": {"nodes": 2}, "distributed": "mpi"}, "MG301", "`distributed: mpi` cannot be had"),
        (
            {**FOREIGN, "resources": {"nodes": 2}, "distributed": "torchrun"},
            "MG301",
            "no launcher",
        ),
        ({"resources": {"nodes": "${parameters.n}"}, "distributed": "torchrun"}, "MG301", "how many machines"),
        ({"resources": {"disk": "100000Gi"}}, "MG307", "at most 64000"),
    ],
)
def test_what_no_machine_has_is_refused(tmp_path: Path, change: Any, code: str, said: str) -> None:
    found = refused(tmp_path, training(**change), {"parameters": {"n": {"type": "integer", "default": 2}}})
    found = tuple(one for one in found if one.severity is Severity.ERROR)
    assert [one.code for one in found] == [code]
    assert said in found[0].message


@pytest.mark.parametrize(
    ("asked", "seen"),
    [({}, 30), ({"max_failures": 0}, 1), ({"max_failures": 2}, 3), ({"max_failures": 29}, 30)],
)
def test_as_many_trials_may_fail_as_the_spec_says(tmp_path: Path, asked: Node, seen: int) -> None:
    """aiplatform v1, max_failed_trial_count: how many have to be "seen before failing"; 0 is left to the service."""
    assert emit(tmp_path, tuned(**asked)).payload("training-search")["max_failed_trial_count"] == seen


def test_trials_that_only_the_run_counts_may_all_but_one_fail(tmp_path: Path) -> None:
    count: Node = {"parameters": {"trials": {"type": "integer", "default": 30}}}
    args = emit(tmp_path, tuned(trials="${parameters.trials}"), count).container("training-search")["args"]
    (payload,) = [word for word in args if "max_trial_count" in word]
    assert "\"max_failed_trial_count\": {{$.inputs.parameters['trials']}}" in payload


def test_only_a_search_that_draws_says_that_it_takes_no_seed(tmp_path: Path) -> None:
    found = emit(tmp_path, tuned(strategy="grid", trials=None, timeout="6h", search={"depth": {"int": [2, 12]}})).found
    assert not [one for one in found if "seed" in one.message]
    assert [one for one in emit(tmp_path, tuned(strategy="random")).found if "seed" in one.message]


def test_a_trial_that_failed_is_no_result_of_a_later_run(tmp_path: Path) -> None:
    """It ends well, so that the loop goes on; docs/pipelines/configure-caching takes over what has ended well."""
    found = emit(tmp_path, tuned(strategy="grid", trials=None, search={"kind": {"choice": ["a", "b"]}}))
    tasks = dict(found.tasks())
    assert "--may-fail=true" in found.container("training-trial")["args"]
    assert tasks["training-trial"]["cachingOptions"] == {}


def test_nothing_is_taken_over_from_runs_that_expire(tmp_path: Path) -> None:
    """docs/pipelines/configure-caching: entries have no time to live, the files under `runs/` have."""
    local: Node = {"data": {"source": "rows.csv"}}
    (tmp_path / "project").mkdir()
    (tmp_path / "project/rows.csv").write_text("left\n1\n")
    kept = {name: task.get("cachingOptions") for name, task in emit(tmp_path, local).tasks()}
    assert kept["prepare"] == kept["training"] == {"enableCache": True}
    found = emit(tmp_path, local, {"governance": {"retention": "7d"}})
    cached = [name for name, task in found.tasks() if task.get("cachingOptions", {}).get("enableCache")]
    assert cached == ["import-source"]
    assert [one.spec_path for one in found.found if "taken over" in one.message] == [("governance", "retention")]


def test_the_search_of_many_trials_is_a_tuning_job(tmp_path: Path) -> None:
    found = emit(tmp_path, tuned(parallel=4, max_failures=3, timeout="6h", early_stopping=True))
    request = found.payload("training-search")
    assert (request["max_trial_count"], request["parallel_trial_count"], request["max_failed_trial_count"]) == (
        30,
        4,
        4,
    )
    study = request["study_spec"]
    assert study["metrics"] == [{"metric_id": "accuracy", "goal": "MAXIMIZE"}]
    assert "algorithm" not in study
    assert study["study_stopping_config"] == {"maximum_runtime_constraint": {"max_duration": "21600s"}}
    assert study["median_automated_stopping_spec"] == {"use_elapsed_duration": True}
    by_name = {one["parameter_id"]: one for one in study["parameters"]}
    assert by_name["rate"]["double_value_spec"] == {"min_value": 0.001, "max_value": 0.3}
    assert by_name["rate"]["scale_type"] == "UNIT_LOG_SCALE"
    assert by_name["depth"]["integer_value_spec"] == {"min_value": 2, "max_value": 12}
    assert by_name["kind"]["categorical_value_spec"] == {"values": ["gbtree", "dart"]}
    trial = request["trial_job_spec"]
    assert trial["base_output_directory"] == {"output_uri_prefix": "{{$.outputs.artifacts['trials'].uri}}"}
    args = trial["worker_pool_specs"][0]["container_spec"]["args"]
    assert args[:3] == ["trial", "--under={{$.outputs.artifacts['trials'].path}}", "--number=CLOUD_ML_TRIAL_ID"]
    assert args[-1] == "--folds=5"
    assert "--model={{$.outputs.artifacts['trials'].path}}/model" in args
    select = found.container("training")["args"]
    assert "--trials={{$.inputs.artifacts['trials'].path}}" in select


def test_numbers_to_choose_from_keep_their_order(tmp_path: Path) -> None:
    """StudySpec.ParameterSpec: the values of a discrete one are numbers in increasing order; a category has none."""
    axes = {
        "size": {"choice": [64, 16, 32]},
        "rate": {"choice": [0.5, 0.1]},
        "mixed": {"choice": [1, "auto"]},
        "flag": {"choice": [True, False]},
        "width": {"float": [0.1, 1.0]},
    }
    found = emit(tmp_path, tuned(search=axes))
    request = found.payload("training-search")
    by_name = {one["parameter_id"]: one for one in request["study_spec"]["parameters"]}
    assert by_name["size"]["discrete_value_spec"] == {"values": [16.0, 32.0, 64.0]}
    assert by_name["rate"]["discrete_value_spec"] == {"values": [0.1, 0.5]}
    assert by_name["mixed"]["categorical_value_spec"] == {"values": ["1", "auto"]}
    assert by_name["flag"]["categorical_value_spec"] == {"values": ["true", "false"]}
    args = request["trial_job_spec"]["worker_pool_specs"][0]["container_spec"]["args"]
    assert "--param=size:integer" in args


AGAIN = {"retries": {"attempts": 2, "backoff": "30s"}, "timeout": "1h", "resources": {"spot": True}}


def test_a_job_that_failed_is_tried_again_inside_itself(tmp_path: Path) -> None:
    """A second try of the launcher finds the first one's gcp_resources, and polls that job (job_remote_runner.py)."""
    found = emit(tmp_path, training(**AGAIN))
    assert "retryPolicy" not in dict(found.tasks())["training"]
    job = found.payload("training")["job_spec"]
    args = job["worker_pool_specs"][0]["container_spec"]["args"]
    assert args[:3] == ["step", "--attempts=2", "--backoff=30"]
    assert "--fresh={{$.outputs.artifacts['model'].path}}" in args[: args.index("--executor-input")]
    assert job["scheduling"]["timeout"] == f"{3 * 3600 + 30 + 60}s"


def test_a_trial_of_a_search_is_tried_again_in_folders_of_its_own(tmp_path: Path) -> None:
    found = emit(tmp_path, tuned(), training(**AGAIN))
    assert "retryPolicy" not in dict(found.tasks())["training-search"]
    spec = found.payload("training-search")["trial_job_spec"]
    args = spec["worker_pool_specs"][0]["container_spec"]["args"]
    assert args.index("trial") < args.index("--attempts=2") < args.index("--executor-input")
    assert "--fresh={{$.outputs.artifacts['trials'].path}}/model" in args


@pytest.mark.parametrize(
    "change",
    [{"resources": {"nodes": 2}, "distributed": "torchrun"}, {**FOREIGN, "resources": {"spot": True}}],
)
def test_a_job_that_nothing_tries_again_is_refused(tmp_path: Path, change: Any) -> None:
    found = refused(tmp_path, training(**AGAIN), training(timeout=None), training(**change))
    errors = [one for one in found if one.severity is Severity.ERROR]
    assert [(one.code, one.spec_path) for one in errors] == [("MG301", ("training", "retries"))]


def test_every_trial_of_a_search_may_have_several_machines(tmp_path: Path) -> None:
    found = emit(tmp_path, tuned(), training(distributed="torchrun", resources={"nodes": 2, "spot": True}))
    trial = found.payload("training-search")["trial_job_spec"]
    assert [pool["replica_count"] for pool in trial["worker_pool_specs"]] == [1, 1]
    args = trial["worker_pool_specs"][1]["container_spec"]["args"]
    assert args.index("trial") < args.index("--cluster=CLUSTER_SPEC") < args.index("torch.distributed.run")
    assert args[args.index("torch.distributed.run") + 3] == "/opt/app/train.py"


def test_tensorflow_finds_its_machines_by_itself(tmp_path: Path) -> None:
    found = emit(tmp_path, training(distributed="tensorflow", resources={"nodes": 2}))
    pools = found.payload("training")["job_spec"]["worker_pool_specs"]
    assert "--cluster=CLUSTER_SPEC" not in pools[0]["container_spec"]["args"]


def test_a_small_grid_is_a_loop_and_a_large_one_a_tuning_job(tmp_path: Path) -> None:
    small = emit(tmp_path, training(tuning=GRID))
    loops = [task for _, task in small.tasks() if "parameterIterator" in task]
    assert len(json.loads(loops[0]["parameterIterator"]["items"]["raw"])) == 6

    axes = {"depth": {"int": [2, 12]}, "rate": {"float": [0.1, 0.5], "points": 3}, "kind": {"choice": [1, 2]}}
    study = emit(tmp_path, training(tuning={**GRID, "search": axes})).payload("training-search")["study_spec"]
    assert study["algorithm"] == "GRID_SEARCH"
    by_name = {one["parameter_id"]: one for one in study["parameters"]}
    assert by_name["rate"]["discrete_value_spec"] == {"values": pytest.approx([0.1, 0.3, 0.5])}
    assert by_name["kind"]["discrete_value_spec"] == {"values": [1.0, 2.0]}


def test_the_best_trial_is_trained_again(tmp_path: Path) -> None:
    found = emit(tmp_path, tuned(refit=True))
    assert "--params={{$.outputs.artifacts['best-params'].path}}" in found.container("training-select")["args"]
    again = found.container("training")["args"]
    assert "--params-file={{$.inputs.artifacts['best-params'].path}}/params.json" in again


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"strategy": "hyperband"}, "Vertex AI knows no hyperband search"),
        ({"stop_at": 0.9}, "does not end at a goal"),
        ({"trials": 1001}, "1001 is more than the 1000"),
    ],
)
def test_searches_that_the_service_does_not_know_are_refused(tmp_path: Path, change: Any, said: str) -> None:
    assert any(said in one.message for one in refused(tmp_path, tuned(**change)))


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (Resources(), "e2-standard-4"),
        (Resources(cpu=6), "e2-standard-8"),
        (Resources(cpu=64, memory=200 << 30), "n2-standard-64"),
        (Resources(gpu=Gpu("nvidia-tesla-a100", 2)), "a2-highgpu-2g"),
        (Resources(gpu=Gpu("v100", 8)), "n1-highcpu-32"),
    ],
)
def test_the_cheapest_machine_that_fits(asked: Resources, name: str) -> None:
    found = machines.catalogue().choose(asked)
    assert found is not None
    assert found.name == name


def test_a_wait_longer_than_the_service_makes_is_refused_where_it_makes_it(tmp_path: Path) -> None:
    """pipeline_spec.proto, RetryPolicy.backoff_max_duration: 3,600 seconds; a job's own launcher waits for hours."""
    (found,) = [one for one in refused(tmp_path, training(retries={"attempts": 3, "backoff": "3h"})) if one.hint]
    assert (found.code, found.hint) == ("MG306", "`backoff: 3600s`")
    assert found.spec_path == ("training", "retries", "backoff")
    emit(tmp_path, training(retries={"attempts": 3, "backoff": "3600s"}))
    emit(tmp_path, training(retries={"attempts": 3, "backoff": "3h"}, resources={"cpu": 8, "spot": True}))
    doubled = emit(tmp_path, training(retries={"attempts": 3, "backoff": "30m"}))
    assert any("3600 seconds" in one.message and one.severity is Severity.NOTE for one in doubled.found)

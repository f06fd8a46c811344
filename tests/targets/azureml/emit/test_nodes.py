"""Steps as nodes: machines, cache, edges, guards, retries, secrets, foreign images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .specs import emitted, refused, step, tuned

GO = {"parameters": {"go": {"type": "boolean", "default": True}}}
IMAGE = "ghcr.io/acme/tool:1.2"


def test_an_edge_without_data_is_an_output_that_is_mounted(tmp_path: Path) -> None:
    steps = {"first": {"run": "clean.py"}, "then": {"run": "clean.py", "after": ["first"]}}
    made = emitted(tmp_path, {"steps": steps})
    assert made.jobs["then"]["inputs"] == {"after_first": "${{parent.jobs.first.outputs.done}}"}
    assert "--keep=${{outputs.done}}" in made.command("first")
    assert "--needs=${{inputs.after_first}}" in made.command("then")


def test_a_step_behind_the_registry_needs_a_version(tmp_path: Path) -> None:
    steps = {
        "later": {"run": "clean.py", "after": ["registry"], "outputs": {"table": "dataset"}},
        "last": {"run": "clean.py", "inputs": {"table": "later.table"}, "outputs": {"page": "report"}},
    }
    made = emitted(tmp_path, {"steps": steps})
    for name in steps:
        assert "--needs=${{inputs.after_registry}}/version.json" in made.command(name)
        assert made.jobs[name]["inputs"]["after_registry"] == "${{parent.jobs.registry.outputs.version}}"
    assert "--keep=${{outputs.table}}" in made.command("later")


def test_what_reads_from_a_guarded_step_has_its_guard(tmp_path: Path) -> None:
    steps = {
        "clean": {"run": "clean.py", "when": "${parameters.go}", "outputs": {"table": "dataset"}},
        "look": {"run": "clean.py", "inputs": {"table": "clean.table"}},
    }
    made = emitted(tmp_path, {**GO, "steps": steps})
    for name in steps:
        assert "--when=${{inputs.go}}" in made.command(name)
    assert made.yml("components/look.yml")["inputs"]["go"]["enum"] == ["true", "false"]
    assert made.yml("pipeline.yml")["inputs"]["go"] == "true"
    assert "--when" not in made.command("training")


def test_retries_are_the_launchers_and_say_so(tmp_path: Path) -> None:
    made = emitted(tmp_path, step(retries={"attempts": 2, "backoff": "10s"}, outputs={"page": "report"}, timeout="1h"))
    assert "--attempts=2 --backoff=10 --fresh=${{outputs.page}}" in made.command("clean")
    assert made.jobs["clean"]["limits"] == {"timeout": 3600}
    assert any("no retries" in said for said in made.said("MG315"))
    several = {"training": {"run": "train.py", "retries": 1, "resources": {"nodes": 2}, "distributed": "torchrun"}}
    assert refused(tmp_path, several)[0][0] == "MG301"


def test_a_secret_is_fetched_from_its_vault_and_nowhere_else_named(tmp_path: Path) -> None:
    made = emitted(tmp_path, step(secrets={"PW": "warehouse", "KEY": "azure-keyvault://other/name"}))
    assert "--secret=PW=azure-keyvault://acme-ml-kv/warehouse" in made.command("clean")
    assert "--secret=KEY=azure-keyvault://other/name" in made.command("clean")
    assert made.jobs["clean"]["identity"] == {"type": "managed"}
    grants = [one["properties"]["parameters"] for one in made.deployments("infra/access.json").values()]
    read = [one["resource"]["value"] for one in grants if "/secrets/" in one["resource"]["value"]]
    assert read == [
        "[concat(parameters('keyVaultId_acme_ml_kv'), '/secrets/warehouse')]",
        "[concat(parameters('keyVaultId_other'), '/secrets/name')]",
    ]
    assert "azure-identity>=1.17" in made.files["image/requirements.txt"].decode()
    assert refused(tmp_path, step(secrets={"PW": "warehouse"}), key_vault=None)[0][0] == "MG312"
    assert refused(tmp_path, step(secrets={"PW": "aws-secretsmanager://eu/x"}))[0][0] == "MG312"


@pytest.mark.parametrize(
    "name", ["team/api", "an_api", "n" * 128, "azure-keyvault://two--hyphens/x", "azure-keyvault://v"]
)
def test_a_secret_that_no_key_vault_can_have_is_refused_at_its_line(name: str, tmp_path: Path) -> None:
    """azure-resource-manager/management/resource-name-rules: vaults have 3 to 24 letters, secrets 1 to 127."""
    assert refused(tmp_path, step(secrets={"PW": name}))[0][0] == "MG312"


def test_a_foreign_image_gets_plain_words(tmp_path: Path) -> None:
    made = emitted(tmp_path, step(run=["tool", "--fast"], image=IMAGE, outputs={"page": "report"}))
    assert made.command("clean") == "tool --fast --rows=${{inputs.rows}} --page=${{outputs.page}}"
    assert made.yml("components/clean.yml")["environment"] == {"image": IMAGE}
    wrong = refused(tmp_path, step(run=["tool"], image=IMAGE, secrets={"PW": "x"}, retries=1))
    assert [code for code, _ in wrong] == ["MG301", "MG301"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (step(outputs={"table": "dataset"}), True),
        (step(), False),
        (step(cache=False, outputs={"table": "dataset"}), False),
        ({"data": {"source": "https://acme.blob.core.windows.net/x/y/", "label": "churned", "format": "csv"}}, False),
    ],
)
def test_a_result_is_used_again_only_when_nothing_can_have_changed(
    said: dict[str, object], expected: bool, tmp_path: Path
) -> None:
    made = emitted(tmp_path, said)
    name = "clean" if "steps" in said else "prepare"
    assert made.yml(f"components/{name}.yml")["is_deterministic"] is expected


def test_several_machines_are_started_by_the_platform(tmp_path: Path) -> None:
    training = {
        "run": "train.py",
        "resources": {"nodes": 3, "gpu": {"kind": "t4", "count": 4}},
        "distributed": "torchrun",
    }
    made = emitted(tmp_path, {"training": training})
    assert made.jobs["training"]["resources"]["instance_count"] == 3
    distribution = made.yml("components/training.yml")["distribution"]
    assert distribution == {"type": "pytorch", "process_count_per_instance": 4}
    sizes = {made.yml(f)["size"]: made.yml(f)["max_instances"] for f in made.files if f.startswith("compute/")}
    assert sizes == {"Standard_D4ds_v4": 1, "Standard_NC64as_T4_v3": 3}


def test_one_process_of_a_machine_merges_the_rows_of_a_refit(tmp_path: Path) -> None:
    spec = tuned(refit=True)
    spec["training"] |= {"resources": {"nodes": 2, "gpu": {"kind": "t4", "count": 4}}, "distributed": "torchrun"}
    made = emitted(tmp_path, spec)
    assert made.yml("components/training_refit.yml")["distribution"]["process_count_per_instance"] == 4
    assert "--once=/tmp/mlopsgen/.once" in made.command("training_refit").split()
    assert "--once" not in made.command("prepare"), "one process needs no turn"


def test_one_process_of_a_machine_fetches_the_model_that_training_goes_on_from(tmp_path: Path) -> None:
    training = {"run": "train.py", "start_from": "champion", "distributed": "torchrun"}
    several = {**training, "resources": {"nodes": 2, "gpu": {"kind": "t4", "count": 4}}}
    words = emitted(tmp_path, {"training": several}).command("training").split()
    assert [word for word in words if word.startswith("--fetch=")]
    assert "--once=/tmp/mlopsgen/.once" in words


def test_clusters_that_exist_are_taken_as_they_are(tmp_path: Path) -> None:
    made = emitted(tmp_path, {}, compute={"default": "cpu-cluster", "training": "gpu-cluster"})
    assert not [path for path in made.files if path.startswith("compute/")]
    assert made.yml("pipeline.yml")["settings"]["default_compute"] == "azureml:cpu-cluster"
    assert made.jobs["training"]["compute"] == "azureml:gpu-cluster"


def test_spot_is_a_cluster_of_its_own(tmp_path: Path) -> None:
    made = emitted(tmp_path, {"training": {"run": "train.py", "resources": {"spot": True}}})
    tiers = {made.yml(f)["tier"]: made.yml(f)["name"] for f in made.files if f.startswith("compute/")}
    assert tiers == {"dedicated": "churn-d4dsv4", "low_priority": "churn-d4dsv4lp"}
    assert made.jobs["training"]["compute"] == "azureml:churn-d4dsv4lp"


def test_a_machine_that_nobody_has_is_refused(tmp_path: Path) -> None:
    asked = {"training": {"run": "train.py", "resources": {"memory": "4Ti"}}}
    assert refused(tmp_path, asked)[0][0] == "MG307"
    unknown = {"training": {"run": "train.py", "resources": {"gpu": "tpu"}}}
    assert refused(tmp_path, unknown)[0] == ("MG307", "no machine of Azure ML has a `tpu`")
    assert refused(tmp_path, {}, machines={"trainin": "Standard_D4ds_v4"})[0][0] == "MG309"
    assert refused(tmp_path, {}, machines={"training": "ml.m5.large"})[0][0] == "MG319"


MPI = {"base": "example.org/open-mpi:4"}


def test_mpi_does_not_start_in_an_image_without_mpirun(tmp_path: Path) -> None:
    training = {"run": "train.py", "resources": {"nodes": 2}, "distributed": "mpi"}
    ((code, message),) = refused(tmp_path, {"training": training})
    assert code == "MG301"
    assert "`mpirun`" in message
    assert refused(tmp_path, {"training": training, "code": MPI}) == []


@pytest.mark.parametrize(
    "said",
    [
        {"timeout": "22d"},
        {"timeout": "8d", "resources": {"spot": True}},
        {"resources": {"nodes": 101}, "distributed": "mpi"},
    ],
)
def test_limits_of_jobs_are_known_before_they_start(said: dict[str, Any], tmp_path: Path) -> None:
    spec = {"code": MPI, "training": {"run": "train.py", **said}}
    assert [code for code, _ in refused(tmp_path, spec)] == ["MG306"]
    assert refused(tmp_path, {"training": {"run": "train.py", "timeout": "21d"}}) == []


def test_a_search_is_a_sweep(tmp_path: Path) -> None:
    search = {
        "depth": {"int": [2, 8]},
        "rate": {"float": [0.01, 1], "scale": "log"},
        "kind": {"choice": ["a", "b c"]},
        "deep": {"choice": [True, False]},
    }
    made = emitted(tmp_path, tuned(search, parallel=2, timeout="2h"))
    node = made.jobs["training"]
    assert node["type"] == "sweep"
    assert node["search_space"]["depth"] == {"type": "quniform", "min_value": 2, "max_value": 8, "q": 1}
    assert node["search_space"]["rate"]["type"] == "loguniform"
    assert node["search_space"]["rate"]["max_value"] == 0.0
    assert node["search_space"]["deep"] == {"type": "choice", "values": ["true", "false"]}
    assert node["limits"] == {"max_total_trials": 4, "max_concurrent_trials": 2, "timeout": 7200}
    assert "--integer=depth" in made.command("training")
    assert "--scalars=mlflow" in made.command("training")
    assert "--integer" not in emitted(tmp_path, tuned(strategy="grid")).command("training")


@pytest.mark.parametrize(
    "said",
    [
        {"strategy": "hyperband"},
        {"stop_at": 0.9},
        {"max_failures": 1},
        {"trials": 1001},
        {"strategy": "bayesian", "early_stopping": True},
        {"strategy": "bayesian", "search": {"rate": {"float": [0.1, 1], "scale": "log"}}},
    ],
)
def test_what_a_sweep_has_not_is_refused(said: dict[str, Any], tmp_path: Path) -> None:
    wrong = refused(tmp_path, tuned(**said))
    assert {code for code, _ in wrong} <= {"MG301", "MG306"}
    assert wrong


def test_numbers_of_the_job_are_changed_by_set(tmp_path: Path) -> None:
    trials = {
        "parameters": {"many": {"type": "integer", "default": 7, "minimum": 1}},
        **tuned(trials="${parameters.many}"),
    }
    made = emitted(tmp_path, trials)
    assert made.jobs["training"]["limits"]["max_total_trials"] == 7
    assert "many" not in made.yml("pipeline.yml").get("inputs", {})
    assert "--set jobs.training.limits.max_total_trials=7" in made.files["README.md"].decode()
    assert made.said("MG315")


def test_another_mlflow_has_the_record_and_the_workspace_what_decides(tmp_path: Path) -> None:
    server = {"tracking": {"backend": {"mlflow": "https://mlflow.acme.example"}}}
    made = emitted(tmp_path, {**server, **tuned(), **step()})
    inner = "env -u MLFLOW_RUN_ID -u MLFLOW_EXPERIMENT_ID"
    assert made.command("clean").startswith(f"{inner} python -m mlopsgen_runtime step --track=mlflow:")
    assert made.jobs["clean"]["environment_variables"]["MLFLOW_TRACKING_URI"] == "https://mlflow.acme.example"
    outer, _, rest = made.command("training").partition(" -- ")
    assert outer.endswith("--metrics=${{outputs.metrics}} --scalars=mlflow")
    assert rest.startswith(
        f"{inner} MLFLOW_TRACKING_URI=https://mlflow.acme.example MLFLOW_EXPERIMENT_NAME=churn python"
    )
    assert "--track-param=depth" in rest


GPUS: dict[str, Any] = {"run": "train.py", "resources": {"gpu": {"kind": "t4", "count": 4}}}


def test_loaders_of_a_gpu_step_have_more_shared_memory_than_two_gib(tmp_path: Path) -> None:
    """Without shm_size a container has 2 GiB (reference-yaml-job-command), and PyTorch's loaders die of a bus error."""
    made = emitted(tmp_path, {"training": GPUS})
    assert made.jobs["training"]["resources"] == {"shm_size": "64g"}
    assert "resources" not in made.jobs["prepare"]
    search = tuned()
    search["training"] |= {"resources": {"gpu": "t4"}}
    assert emitted(tmp_path, search).jobs["training"]["resources"] == {"shm_size": "16g"}


def test_gpu_machines_that_would_talk_over_tcp_are_said(tmp_path: Path) -> None:
    several = {"training": {**GPUS, "resources": {**GPUS["resources"], "nodes": 2}, "distributed": "torchrun"}}
    assert [said for said in emitted(tmp_path, several).said("MG315") if "InfiniBand" in said]
    with_drivers = {**several, "code": {"base": "mcr.microsoft.com/aifx/acpt/stable-ubuntu2204-cu126-py310-torch27x:1"}}
    for said in (with_drivers, {"training": GPUS}):
        assert not [one for one in emitted(tmp_path, said).said("MG315") if "InfiniBand" in one]

"""What this machine does itself, what it does in its own way, and what cannot be had here."""

from __future__ import annotations

from collections.abc import Mapping

from mlopsgen.targets.api import FEATURES, How, Support
from mlopsgen.targets.support import REAL_TIME

_OTHERWISE: Mapping[str, Support] = {
    "parameters": Support(How.NATIVE, "`mlopsgen run --param NAME=VALUE`; one without a value is asked for"),
    "parameters.values": Support(How.NATIVE, "checked before anything starts"),
    "parameters.list": Support(How.NATIVE, "`--param NAME='[…]'`, as JSON"),
    "code": Support(
        How.EMULATED, "this Python when it has the requirements, or an environment of its own (`--isolated`)"
    ),
    "code.image": Support(How.REFUSED, "no containers here"),
    "data.sources.local": Support(How.NATIVE, "read where they lie"),
    "data.sources.remote": Support(How.REFUSED, "file:// alone; copy some of it beside the spec"),
    "data.sources.sharded": Support(How.EMULATED, "one node reads all files"),
    "data.sources.table": Support(How.REFUSED, "no warehouse here"),
    "data.residency": Support(How.NATIVE, "the data stays where it is"),
    "data.feature_store": Support(How.REFUSED, "no feature store here"),
    "steps.secrets": Support(How.NATIVE, "variables of the environment that `run` is started in"),
    "steps.cache": Support(How.NATIVE, "outputs of earlier runs with the same code, inputs and params"),
    "steps.image": Support(How.REFUSED, "no containers here"),
    "steps.resources": Support(How.EMULATED, "what this machine has"),
    "steps.resources.gpu": Support(How.EMULATED, "what this machine has"),
    "training.distributed": Support(
        How.EMULATED, "torchrun: processes of this machine; mpi and tensorflow on one node"
    ),
    "training.spot": Support(How.EMULATED, "this machine is not taken away"),
    "tuning.hyperband": Support(How.EMULATED, "random search, every trial to its end"),
    "tuning.bayesian": Support(How.NATIVE, "optuna's tree-structured Parzen estimator"),
    "tuning.early_stopping": Support(How.EMULATED, "every trial runs to its end"),
    "gates.on_gate_failure": Support(How.NATIVE, "the run's end, and exit code 5"),
    "gates.champion": Support(How.NATIVE, "the champion of the registry here, judged on the same rows"),
    "tuning.keep": Support(How.EMULATED, "every trial's files stay in the run's folder"),
    "tracking.native": Support(How.NATIVE, "a folder for each run, with logs, metrics and pictures"),
    "tracking.mlflow": Support(How.NATIVE, "the launcher of every step, and MLFLOW_TRACKING_URI in its environment"),
    "registry": Support(How.NATIVE, "folders with versions, champion and lineage"),
    "registry.from": Support(How.REFUSED, "comes with deployments"),
    "triggers.schedule": Support(How.EMULATED, "a person starts runs here"),
    "triggers.new_data": Support(How.EMULATED, "a person starts runs here"),
    "triggers.invoke": Support(How.NATIVE, "`mlopsgen run`"),
    "governance.encryption": Support(How.EMULATED, "the disk's own encryption"),
    "governance.network": Support(How.EMULATED, "the machine's own network"),
    "governance.access": Support(How.EMULATED, "the file system's permissions"),
    "governance.retention": Support(How.EMULATED, "files stay until you delete them"),
    "governance.lineage": Support(How.EMULATED, "version.json names data, code and run; no OpenLineage events"),
    "governance.audit": Support(How.EMULATED, "the journal of every run"),
    "targets.steps": Support(How.REFUSED, "steps have no native settings here"),
}

_DEPLOYMENTS: Mapping[str, Support] = {
    "deployment.batch": Support(How.NATIVE, "`mlopsgen score` scores once, with the champion of the registry here"),
    "deployment.real-time": Support(How.EMULATED, "`mlopsgen serve`: a router on 127.0.0.1, until it is stopped"),
    **dict.fromkeys(
        (f"deployment.real-time.{part}" for part in REAL_TIME),
        Support(How.EMULATED, "one process on 127.0.0.1, which whoever is on this machine may ask"),
    ),
    **dict.fromkeys(
        (f"deployment.real-time.{strategy}" for strategy in ("canary", "linear", "blue-green", "shadow")),
        Support(How.NATIVE, "the router of `mlopsgen serve`, in front of a process for each version"),
    ),
    "deployment.real-time.abort_on": Support(How.NATIVE, "errors and latency as the router measures them"),
    "deployment.real-time.image": Support(How.REFUSED, "no containers here"),
    "deployment.real-time.steps": Support(How.REFUSED, "not run around a rollout yet"),
    "deployment.batch.schedule": Support(How.EMULATED, "a person starts it here: `mlopsgen score`"),
    "deployment.batch.nodes": Support(How.REFUSED, "one machine; `workers` are processes"),
    "deployment.batch.files": Support(How.REFUSED, "tables alone: csv, parquet and jsonl"),
    "deployment.batch.image": Support(How.REFUSED, "no containers here"),
}

_LATER = ("deployment.", "monitoring", "triggers.", "ci")


def _support(name: str) -> Support:
    for table in (_OTHERWISE, _DEPLOYMENTS):
        if name in table:
            return table[name]
    if name.startswith(_LATER):
        return Support(How.REFUSED, "not emitted yet")
    return Support(How.NATIVE, "processes of this machine")


SUPPORT: Mapping[str, Support] = {feature.name: _support(feature.name) for feature in FEATURES}

"""What Acme Batch does of all that a spec can ask for, feature by feature."""

from __future__ import annotations

from collections.abc import Mapping

from mlopsgen.targets.api import FEATURES, How, Support

_REFUSED = {
    "data.sources.sharded": "a job is one container",
    "data.sources.table": "export the table to files first",
    "data.feature_store": "there is none",
    "steps.resources.gpu": "no accelerators",
    "training.distributed": "a job is one container",
    "training.spot": "capacity is never taken away",
    "training.start_from": "versions cannot be read back",
    "evaluation.test_set": "nothing is kept between runs",
    "gates.champion": "versions cannot be read back",
    "triggers.new_data": "start it on a schedule",
    "governance.lineage": "not recorded",
    "governance.encryption": "with the platform's own key",
    "governance.network": "the queue decides",
    "governance.access": "the queue decides",
    "registry.from": "versions come from runs",
    "targets.steps": "a job has no further settings",
}
_LATER = ("tuning.", "deployment.", "monitoring", "triggers.", "ci")
_EMULATED = {
    "steps.cache": "every job runs each time, so nothing stale is used",
    "data.checks": "the runtime, in the job that reads the data",
    "data.split": "the runtime, in a job",
    "training.framework": "the runtime, in a job",
    "evaluation.task": "the runtime, in a job",
    "evaluation.explain": "the runtime, in a job",
    "gates.threshold": "the runtime judges; registering reads the result",
    "gates.group": "the runtime judges; registering reads the result",
    "parameters.list": "a string that holds JSON",
}
_NATIVE_TRIGGERS = ("triggers.schedule", "triggers.invoke")


def _support(name: str) -> Support:
    if name in _REFUSED:
        return Support(How.REFUSED, _REFUSED[name])
    if name in _EMULATED:
        return Support(How.EMULATED, _EMULATED[name])
    if name.startswith(_LATER) and name not in _NATIVE_TRIGGERS:
        return Support(How.REFUSED, "Acme Batch has nothing like it")
    return Support(How.NATIVE, "workflow.yaml")


SUPPORT: Mapping[str, Support] = {feature.name: _support(feature.name) for feature in FEATURES}

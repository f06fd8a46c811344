"""What Acme Batch does of all that a spec can ask for, feature by feature; what is not listed is refused."""

from __future__ import annotations

from collections.abc import Mapping

from mlopsgen.targets.api import FEATURES, How, Support

_NATIVE = {
    "parameters": "params of workflow.yaml",
    "parameters.values": "bounds of the params of workflow.yaml",
    "code": "an image that every job runs in",
    "code.image": "the image of every job",
    "data.sources.local": "uploaded under its digest",
    "data.sources.remote": "data of workflow.yaml",
    "data.sources.several": "data of workflow.yaml",
    "data.prepare": "a job",
    "steps": "jobs",
    "steps.when": "`if` of a job",
    "steps.after": "`needs` of a job",
    "steps.always": "`always` of a job",
    "steps.retries": "`retries` of a job",
    "steps.timeout": "`timeout` of a job",
    "steps.env": "`env` of a job",
    "steps.secrets": "`secrets` of a job",
    "steps.image": "the image of the job",
    "steps.resources": "`resources` of a job",
    "training.run": "a job",
    "evaluation.run": "a job",
    "tracking.native": "Acme keeps each run with its files",
    "registry": "`register` of a job",
    "registry.approval": "`approval` of a registration",
    "triggers.schedule": "schedules of workflow.yaml",
    "triggers.invoke": "calls of workflow.yaml",
    "targets.patches": "applied to what is emitted",
}
_EMULATED = {
    "steps.cache": "every job runs each time, so nothing stale is used",
    "data.checks": "the runtime, in the job that reads the data",
    "data.split": "the runtime, in a job",
    "training.framework": "the runtime, in a job",
    "evaluation.task": "the runtime, in a job",
    "evaluation.explain": "the runtime, in a job",
    "gates.threshold": "the runtime judges; registering reads the result",
    "gates.group": "the runtime judges; registering reads the result",
    "gates.on_gate_failure": "registering is refused; a run goes on",
    "parameters.list": "a string that holds JSON",
    "data.residency": "the queue's region is not known here: the spec's own addresses are checked",
}
_WHY = {
    "data.sources.table": "export the table to files first",
    "steps.resources.gpu": "no accelerators",
    "training.start_from": "versions cannot be read back",
    "evaluation.test_set": "nothing is kept between runs",
    "gates.champion": "versions cannot be read back",
    "triggers.new_data": "start it on a schedule",
    "registry.from": "versions come from runs",
}


def _support(name: str) -> Support:
    if name in _NATIVE:
        return Support(How.NATIVE, _NATIVE[name])
    if name in _EMULATED:
        return Support(How.EMULATED, _EMULATED[name])
    return Support(How.REFUSED, _WHY.get(name, "Acme Batch has nothing like it: take it out"))


SUPPORT: Mapping[str, Support] = {feature.name: _support(feature.name) for feature in FEATURES}
